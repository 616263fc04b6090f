package com.example.kamelets;

import org.apache.camel.dsl.jbang.core.commands.CamelJBangMain;

/** The command {@code camel}, as JBang starts it. */
public final class CamelCli {

    private CamelCli() {
    }

    public static void main(String[] arguments) {
        CamelJBangMain.run(arguments);
    }
}
