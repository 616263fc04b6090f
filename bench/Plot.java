import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Small diagrams side by side, as one SVG that can be read on a light and on a dark page: it has a background of its own, and follows the
 * reader's preference.
 */
public final class Plot {

    private static final int WIDTH = 400;
    private static final int HEIGHT = 264;
    private static final int LEFT = 62;
    private static final int RIGHT = 18;
    private static final int TOP = 48;
    private static final int BOTTOM = 44;
    private static final int HEAD = 34;
    /** Told apart also by who sees few colours; the second of each is for a dark background. */
    private static final String[][] COLOURS = {{"#0072b2", "#56b4e9"}, {"#d55e00", "#ff9f4a"}, {"#00805f", "#4fd1a5"}, {"#9c4f96", "#e3a6dd"}};

    private Plot() {
    }

    /** Points in the order of x; NaN is a gap. */
    public record Series(String name, double[] x, double[] y) {
    }

    /**
     * @param zero  whether the y axis begins at 0 (not with {@code logY})
     * @param bands from and to, on the x axis: drawn behind
     */
    public record Panel(String title, String xLabel, boolean logX, boolean logY, boolean zero, List<Series> series, List<double[]> bands) {
    }

    public static String svg(String title, List<Panel> panels, int columns) {
        int rows = (panels.size() + columns - 1) / columns;
        StringBuilder svg = new StringBuilder(String.format(Locale.ROOT, """
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img" aria-label="%3$s">
                <style>
                svg { --page: #ffffff; --ink: #24292f; --faint: #d0d7de; --band: #f3e3c3; %4$s font: 12px sans-serif }
                @media (prefers-color-scheme: dark) { svg { --page: #161b22; --ink: #e6edf3; --faint: #3d444d; --band: #3d3421; %5$s } }
                text { fill: var(--ink) } .title { font-weight: bold }
                </style>
                <rect width="%1$d" height="%2$d" rx="8" style="fill: var(--page)"/>
                <text x="16" y="23" class="title" font-size="15">%3$s</text>
                """, columns * WIDTH, rows * HEIGHT + HEAD, escaped(title), colours(0), colours(1)));
        for (int i = 0; i < panels.size(); i++) {
            svg.append(String.format("<g transform=\"translate(%d %d)\">%n", i % columns * WIDTH, HEAD + i / columns * HEIGHT));
            panel(svg, panels.get(i));
            svg.append("</g>\n");
        }
        return svg.append("</svg>\n").toString();
    }

    private static String colours(int which) {
        StringBuilder css = new StringBuilder();
        for (int i = 0; i < COLOURS.length; i++) {
            css.append("--c").append(i).append(": ").append(COLOURS[i][which]).append("; ");
        }
        return css.toString();
    }

    private static void panel(StringBuilder svg, Panel panel) {
        Axis x = new Axis(panel.logX, false, LEFT, WIDTH - RIGHT);
        Axis y = new Axis(panel.logY, panel.zero, HEIGHT - BOTTOM, TOP);
        for (Series series : panel.series) {
            for (int i = 0; i < series.x.length; i++) {
                if (!Double.isNaN(series.y[i])) {
                    x.include(series.x[i]);
                    y.include(series.y[i]);
                }
            }
        }
        x.done(false);
        y.done(true);
        svg.append(String.format("<text x=\"%d\" y=\"18\" class=\"title\">%s</text>%n", LEFT, escaped(panel.title)));
        for (double[] band : panel.bands) {
            double from = x.at(Math.max(band[0], x.least));
            double to = x.at(Math.min(band[1], x.most));
            if (to > from) {
                svg.append(String.format(Locale.ROOT, "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" style=\"fill: var(--band)\"/>%n",
                        from, TOP, Math.max(1, to - from), HEIGHT - BOTTOM - TOP));
            }
        }
        for (double tick : y.ticks()) {
            svg.append(String.format(Locale.ROOT, "<path d=\"M%d %.1fH%d\" style=\"stroke: var(--faint)\"/>"
                    + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n", LEFT, y.at(tick), WIDTH - RIGHT, LEFT - 6, y.at(tick) + 4, label(tick)));
        }
        for (double tick : x.ticks()) {
            svg.append(String.format(Locale.ROOT, "<path d=\"M%.1f %dv5\" style=\"stroke: var(--ink)\"/>"
                    + "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n", x.at(tick), HEIGHT - BOTTOM, x.at(tick), HEIGHT - BOTTOM + 18,
                    label(tick)));
        }
        svg.append(String.format("<path d=\"M%d %dH%d\" style=\"stroke: var(--ink)\"/><text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>%n", LEFT,
                HEIGHT - BOTTOM, WIDTH - RIGHT, (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, escaped(panel.xLabel)));
        int legend = LEFT;
        for (int i = 0; i < panel.series.size(); i++) {
            Series series = panel.series.get(i);
            String colour = "var(--c" + i % COLOURS.length + ")";
            line(svg, series, x, y, colour);
            if (panel.series.size() > 1) {
                svg.append(String.format("<text x=\"%d\" y=\"36\" style=\"fill: %s\">● %s</text>%n", legend, colour, escaped(series.name)));
                legend += 26 + 6 * series.name.length();
            }
        }
    }

    private static void line(StringBuilder svg, Series series, Axis x, Axis y, String colour) {
        StringBuilder path = new StringBuilder();
        int points = 0;
        for (int i = 0; i < series.x.length; i++) {
            if (!Double.isNaN(series.y[i])) {
                path.append(String.format(Locale.ROOT, "%s%.1f %.1f", points++ == 0 ? "M" : "L", x.at(series.x[i]), y.at(series.y[i])));
            }
        }
        svg.append("<path d=\"").append(path).append("\" fill=\"none\" stroke-width=\"1.8\" style=\"stroke: ").append(colour).append("\"/>\n");
        for (int i = 0; points <= 20 && i < series.x.length; i++) {
            if (!Double.isNaN(series.y[i])) {
                svg.append(String.format(Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" style=\"fill: %s\"/>%n", x.at(series.x[i]), y.at(series.y[i]),
                        colour));
            }
        }
    }

    private static String label(double value) {
        double size = Math.abs(value);
        if (size >= 999_999) {
            return number(value / 1e6) + " M";
        }
        return size >= 999.9 ? number(value / 1e3) + " k" : number(value);
    }

    private static String number(double value) {
        String text = String.format(Locale.ROOT, "%.3f", value);
        return text.replaceAll("\\.?0+$", "");
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
    }

    /** From values to places. */
    private static final class Axis {

        private final boolean log;
        private final boolean zero;
        private final double from;
        private final double to;
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;

        Axis(boolean log, boolean zero, double from, double to) {
            this.log = log;
            this.zero = zero;
            this.from = from;
            this.to = to;
        }

        void include(double value) {
            if (!log || value > 0) {
                least = Math.min(least, value);
                most = Math.max(most, value);
            }
        }

        void done(boolean round) {
            if (least > most) {
                least = 1;
                most = 2;
            }
            if (log && round) {
                least = Math.pow(10, Math.floor(Math.log10(least) + 1e-9));
                most = Math.pow(10, Math.ceil(Math.log10(most) - 1e-9));
            } else if (zero) {
                least = Math.min(0, least);
                most = most == 0 ? 1 : most * 1.1;
            }
            if (least == most) {
                most = log ? least * 10 : least + 1;
            }
        }

        double at(double value) {
            double share = log ? Math.log(Math.max(value, least) / least) / Math.log(most / least) : (value - least) / (most - least);
            return from + share * (to - from);
        }

        List<Double> ticks() {
            List<Double> ticks = new ArrayList<>();
            if (log) {
                for (double tick = Math.pow(10, Math.floor(Math.log10(least))); tick <= most * 1.001; tick *= 10) {
                    if (tick >= least * 0.999) {
                        ticks.add(tick);
                    }
                }
                return ticks;
            }
            double rough = (most - least) / 5;
            double power = Math.pow(10, Math.floor(Math.log10(rough)));
            double step = power * (rough / power > 5 ? 10 : rough / power > 2 ? 5 : rough / power > 1 ? 2 : 1);
            for (double tick = Math.ceil(least / step) * step; tick <= most + step / 1e6; tick += step) {
                ticks.add(Math.abs(tick) < step / 1e6 ? 0 : tick);
            }
            return ticks;
        }
    }
}
