package io.github.waroutes;

import java.util.List;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

/** The compiled classes of this project, for rules about them. */
final class OurClasses {

    private OurClasses() {
    }

    /** Only our own: what they use of others is many megabytes, and no rule asks more of it than its name. */
    static JavaClasses read(ImportOption... options) {
        ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
        try {
            return new ClassFileImporter().withImportOptions(List.of(options)).importPackages("io.github.waroutes");
        } finally {
            ArchConfiguration.get().reset();
        }
    }
}
