package io.github.waroutes;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

/** The compiled classes of this project, for rules about them. */
final class OurClasses {

    private OurClasses() {
    }

    /** Only our own, without tests: what they use of others is many megabytes, and no rule asks more of it than its name. */
    static JavaClasses read() {
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        try {
            return new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("io.github.waroutes");
        } finally {
            ArchConfiguration.get().reset();
        }
    }
}
