/*
 * Steps the wall clock of one process, and of no other: what time(2), gettimeofday(2) and clock_gettime(2) tell it is ahead by the seconds,
 * a signed 64-bit number, in the file that CHAOS_CLOCK names, at every moment. Monotonic clocks are left alone, as a step leaves them.
 * (libfaketime does the same with a lock, in which a JVM stops for good now and then.)
 * cc -shared -fPIC -o chaosclock.so ChaosClock.c; then LD_PRELOAD=./chaosclock.so
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *ahead;

__attribute__((constructor)) static void begin(void)
{
    const char *name = getenv("CHAOS_CLOCK");
    int file = name ? open(name, O_RDONLY) : -1;
    if (file >= 0) {
        void *mapped = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
        ahead = mapped == MAP_FAILED ? NULL : mapped;
        close(file);
    }
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = (int) syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && ahead && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        now->tv_sec += *ahead;
    }
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec precise;
    (void) zone;
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) {
        return -1;
    }
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *now)
{
    struct timespec precise;
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) {
        return -1;
    }
    if (now) {
        *now = precise.tv_sec;
    }
    return precise.tv_sec;
}
