package io.github.waroutes.understanding;

import java.util.List;
import java.util.stream.Collectors;

import org.commonmark.ext.gfm.strikethrough.Strikethrough;
import org.commonmark.ext.gfm.strikethrough.StrikethroughExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.BlockQuote;
import org.commonmark.node.BulletList;
import org.commonmark.node.Code;
import org.commonmark.node.CustomNode;
import org.commonmark.node.Document;
import org.commonmark.node.Emphasis;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.HardLineBreak;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.Image;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Link;
import org.commonmark.node.ListItem;
import org.commonmark.node.Node;
import org.commonmark.node.OrderedList;
import org.commonmark.node.Paragraph;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.StrongEmphasis;
import org.commonmark.node.Text;
import org.commonmark.node.ThematicBreak;
import org.commonmark.parser.Parser;

/**
 * Markdown, which language models write, as WhatsApp shows text: {@code *bold*}, {@code _italic_}, {@code ~struck~}, code between
 * backticks, lists and quotes (WhatsApp, "How to format your messages"). A heading becomes bold, a link its text and its address. Safe for
 * concurrent use.
 */
final class WhatsAppText {

    private static final String FENCE = "```";
    private static final Parser PARSER = Parser.builder().extensions(List.of(StrikethroughExtension.create())).build();

    private WhatsAppText() {
    }

    /** @param markdown null: nothing */
    static String of(String markdown) {
        return markdown == null ? "" : blocks(PARSER.parse(markdown), "\n\n");
    }

    private static String blocks(Node parent, String between) {
        StringBuilder text = new StringBuilder();
        for (Node child = parent.getFirstChild(); child != null; child = child.getNext()) {
            String block = block(child);
            if (!block.isBlank()) {
                text.append(text.isEmpty() ? "" : between).append(block);
            }
        }
        return text.toString();
    }

    private static String block(Node node) {
        Writer writer = new Writer(node instanceof Heading);
        node.accept(writer);
        return writer.text.toString();
    }

    private static String inline(Node parent, boolean bold) {
        Writer writer = new Writer(bold);
        for (Node child = parent.getFirstChild(); child != null; child = child.getNext()) {
            child.accept(writer);
        }
        return writer.text.toString();
    }

    /** A mark holds for one line, and only if it stands at the words themselves. */
    private static String marked(String mark, String text) {
        return text.lines().map(line -> {
            String words = line.strip();
            return words.isEmpty() ? line : line.replace(words, mark + words + mark);
        }).collect(Collectors.joining("\n"));
    }

    private static String indented(String first, String text) {
        String rest = " ".repeat(first.length());
        return first + String.join("\n" + rest, text.lines().toList());
    }

    private static final class Writer extends AbstractVisitor {

        private final StringBuilder text = new StringBuilder();
        /** What is bold already is not marked again. */
        private final boolean bold;

        Writer(boolean bold) {
            this.bold = bold;
        }

        @Override
        public void visit(Document document) {
            text.append(blocks(document, "\n\n"));
        }

        @Override
        public void visit(Paragraph paragraph) {
            text.append(inline(paragraph, bold));
        }

        @Override
        public void visit(Heading heading) {
            text.append(marked("*", inline(heading, true)));
        }

        @Override
        public void visit(BlockQuote quote) {
            text.append(blocks(quote, "\n\n").lines().map(line -> ("> " + line).stripTrailing()).collect(Collectors.joining("\n")));
        }

        @Override
        public void visit(BulletList list) {
            items(list, null);
        }

        @Override
        public void visit(OrderedList list) {
            Integer first = list.getMarkerStartNumber();
            items(list, first == null ? 1 : first);
        }

        private void items(Node list, Integer first) {
            Integer number = first;
            for (Node item = list.getFirstChild(); item != null; item = item.getNext()) {
                String mark = number == null ? "- " : number++ + ". ";
                text.append(text.isEmpty() ? "" : "\n").append(indented(mark, blocks(item, "\n")));
            }
        }

        @Override
        public void visit(ListItem item) {
            text.append(blocks(item, "\n"));
        }

        @Override
        public void visit(FencedCodeBlock code) {
            code(code.getLiteral());
        }

        @Override
        public void visit(IndentedCodeBlock code) {
            code(code.getLiteral());
        }

        private void code(String literal) {
            text.append(FENCE).append('\n').append(literal.stripTrailing()).append('\n').append(FENCE);
        }

        @Override
        public void visit(ThematicBreak line) {
            text.append("———");
        }

        @Override
        public void visit(HtmlBlock html) {
            text.append(html.getLiteral());
        }

        @Override
        public void visit(HtmlInline html) {
            text.append(html.getLiteral().matches("(?i)<br\\s*/?>") ? "\n" : html.getLiteral());
        }

        @Override
        public void visit(Text literal) {
            text.append(literal.getLiteral());
        }

        @Override
        public void visit(SoftLineBreak end) {
            text.append('\n');
        }

        @Override
        public void visit(HardLineBreak end) {
            text.append('\n');
        }

        @Override
        public void visit(Code code) {
            text.append('`').append(code.getLiteral()).append('`');
        }

        @Override
        public void visit(StrongEmphasis strong) {
            text.append(bold ? inline(strong, true) : marked("*", inline(strong, true)));
        }

        @Override
        public void visit(Emphasis emphasis) {
            text.append(marked("_", inline(emphasis, bold)));
        }

        @Override
        public void visit(CustomNode node) {
            text.append(node instanceof Strikethrough ? marked("~", inline(node, bold)) : inline(node, bold));
        }

        @Override
        public void visit(Link link) {
            address(inline(link, bold), link.getDestination());
        }

        @Override
        public void visit(Image image) {
            address(inline(image, bold), image.getDestination());
        }

        private void address(String words, String address) {
            boolean same = words.isBlank() || address.equals(words) || address.equals("mailto:" + words);
            text.append(address.isBlank() ? words : same ? words.isBlank() ? address : words : words + " (" + address + ")");
        }
    }
}
