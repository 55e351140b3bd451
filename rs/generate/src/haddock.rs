//! Docs of Rust, which are Markdown, as docs of Haskell, which are not.

mod line;

use line::Line;
use pulldown_cmark::{BrokenLink, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};
use std::mem;
use std::ops::Range;

/// Comment lines with these docs, or none. `indent` is where they begin.
pub fn comment(docs: &str, indent: usize) -> String {
    let mut lines = lines(docs);
    if lines.first().is_some_and(|first| begins_block(first)) {
        lines.insert(0, String::new());
    }
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        let open = if at == 0 { "-- |" } else { "--" };
        let space = if line.is_empty() { "" } else { " " };
        text += &format!("{:indent$}{open}{space}{line}\n", "");
    }
    text
}

/// Whether a line is of code or a list, which do not stand beside the mark of a comment.
fn begins_block(line: &str) -> bool {
    line.starts_with(['>', '*']) || line.starts_with(|c: char| c.is_ascii_digit())
}

/// The docs in Haddock's syntax.
fn lines(docs: &str) -> Vec<String> {
    let mut page = Page { docs, ..Page::default() };
    // [`Like`] this: a link to an item of Rust, of which Haddock knows nothing. Other brackets are just that.
    let to_item = |link: BrokenLink| {
        let is_item = link.reference.starts_with(|c: char| c == '`' || c.is_alphabetic());
        (is_item && !link.reference.contains(' ')).then(|| (CowStr::from(""), CowStr::from("")))
    };
    let parser = Parser::new_with_broken_link_callback(docs, Options::ENABLE_TABLES, Some(to_item));
    for (event, range) in parser.into_offset_iter() {
        page.add(event, range);
    }
    page.end_line();
    page.lines
}

/// What is written so far, and where.
#[derive(Default)]
struct Page<'a> {
    docs: &'a str,
    lines: Vec<String>,
    line: Line,
    /// The lists that are open: the number of the next item, if they have numbers.
    lists: Vec<Option<u64>>,
    /// What the item that was just opened begins with.
    bullet: Option<String>,
    /// The addresses of the links that are open, if they go anywhere.
    links: Vec<Option<String>>,
    /// The end of the code that is open; or of a table or an address, which are written already.
    verbatim: Option<TagEnd>,
}

impl Page<'_> {
    fn add(&mut self, event: Event, range: Range<usize>) {
        match event {
            Event::End(tag) if self.verbatim == Some(tag) => self.verbatim = None,
            Event::Text(code) if self.verbatim == Some(TagEnd::CodeBlock) => {
                code.lines().for_each(|line| self.push(&format!("> {line}")))
            }
            _ if self.verbatim.is_some() => {}
            Event::Start(Tag::Table(_)) => {
                self.begin_block();
                self.docs[range].trim_end().lines().for_each(|line| self.push(&format!("> {line}")));
                self.verbatim = Some(TagEnd::Table);
            }
            Event::Start(Tag::CodeBlock(_)) => {
                self.begin_block();
                self.verbatim = Some(TagEnd::CodeBlock);
            }
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::InlineHtml(text) => self.line.text(&text),
            Event::Html(text) => {
                self.line.text(text.trim_end());
                self.end_line();
            }
            Event::Code(code) => self.line.code(&code),
            // A link does not go on in the next line.
            Event::SoftBreak | Event::HardBreak if !self.links.is_empty() => self.line.text(" "),
            Event::SoftBreak | Event::HardBreak => self.break_line(),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.begin_block(),
            Tag::Heading { level, .. } => {
                self.begin_block();
                self.line.mark(&"=".repeat((3 + level as usize).min(6)));
                self.line.mark(" ");
            }
            Tag::List(number) => {
                self.begin_block();
                self.lists.push(number);
            }
            Tag::Item => {
                self.end_line();
                self.bullet = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    _ => "* ".into(),
                });
            }
            Tag::Emphasis => self.line.open("/"),
            Tag::Strong => self.line.open("__"),
            Tag::Link { link_type: LinkType::Autolink, dest_url, .. } => {
                self.line.mark(&format!("<{dest_url}>"));
                self.verbatim = Some(TagEnd::Link);
            }
            Tag::Link { dest_url, .. } => {
                let goes = dest_url.contains("://");
                self.line.mark(if goes { "[" } else { "" });
                self.links.push(goes.then(|| format!("]({dest_url})")));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::List(_) => {
                self.end_line();
                self.lists.pop();
                // The next item of the list around this one would be taken for one of this.
                if !self.lists.is_empty() {
                    self.lines.push(String::new());
                }
            }
            TagEnd::Item | TagEnd::Paragraph | TagEnd::Heading(_) => self.end_line(),
            TagEnd::Emphasis | TagEnd::Strong => self.line.close(),
            TagEnd::Link => {
                if let Some(Some(address)) = self.links.pop() {
                    self.line.mark(&address);
                }
            }
            _ => {}
        }
    }

    /// Blocks have an empty line between them; but the first one of an item stands beside the bullet.
    fn begin_block(&mut self) {
        self.end_line();
        if self.bullet.is_none() && self.lines.last().is_some_and(|line| !line.is_empty()) {
            self.lines.push(String::new());
        }
    }

    /// Ends a line in the middle of a paragraph, and of what is emphasised in it.
    fn break_line(&mut self) {
        let next = self.line.split();
        self.end_line();
        self.line = next;
    }

    fn end_line(&mut self) {
        let line = mem::take(&mut self.line).finish();
        if !line.is_empty() {
            self.push(&line);
        }
    }

    fn push(&mut self, line: &str) {
        // The content of an item is four columns further in.
        let depth = self.lists.len();
        let begin = match self.bullet.take() {
            Some(bullet) => format!("{:1$}{bullet}", "", 4 * (depth - 1)),
            None => " ".repeat(4 * depth),
        };
        self.lines.push(format!("{begin}{line}").trim_end().into());
    }
}

#[cfg(test)]
mod tests {
    use super::comment;

    #[test]
    fn docs_become_comments() {
        assert_eq!(comment("", 0), "");
        assert_eq!(comment("One.\n\nTwo\nlines.", 2), "  -- | One.\n  --\n  -- Two\n  -- lines.\n");
    }

    #[test]
    fn markdown_becomes_haddock() {
        let becomes = |docs, expected: &str| assert_eq!(comment(docs, 0), format!("-- | {expected}\n"));
        becomes("Calls `find` and [`Hit`], **now**.", "Calls @find@ and @Hit@, __now__.");
        becomes(
            "[`one`](Self::one) [two](https://two.org/) [three] [four][4]\n\n[4]: https://four.org",
            "@one@ [two](https://two.org/) three [four](https://four.org)",
        );
        becomes("<https://five.org/a_b> [not one] [0]", "<https://five.org/a_b> [not one] [0]");
        becomes("*a\nb* and _c_", "/a/\n-- /b/ and /c/");
        becomes("# Errors", "==== Errors");
        becomes("### Errors", "====== Errors");
        becomes("> quoted", "quoted");
        becomes("One.\n\n---\nTwo.", "One.\n--\n-- Two.");
    }

    #[test]
    fn what_haddock_would_take_for_its_own_is_escaped() {
        let becomes = |docs, expected: &str| assert_eq!(comment(docs, 0), format!("-- | {expected}\n"));
        becomes("a/b isn't <e> `", "a/b isn't \\<e> \\`");
        becomes("a/b/c me@here #1 and #2", "a\\/b\\/c me\\@here \\#1 and \\#2");
        becomes("*a/b*", "/a\\/b/");
        becomes("'quoted' \"Like.A.Module\" \"but this\" 2 > 1", "\\'quoted' \\\"Like.A.Module\" \"but this\" 2 > 1");
        becomes("a__b `a_b@c`", "a\\_\\_b @a_b\\@c@");
        becomes("| this", "\\| this");
        becomes("1986\\. A year", "\\1986. A year");
        becomes("[a] b\n\\- c", "a b\n-- \\- c");
    }

    #[test]
    fn code_and_lists_stand_on_lines_of_their_own() {
        assert_eq!(comment("```\nlet x = 'y';\n\nx\n```", 0), "-- |\n-- > let x = 'y';\n-- >\n-- > x\n");
        assert_eq!(comment("So:\n```\nx\n```\nEnd.", 0), "-- | So:\n--\n-- > x\n--\n-- End.\n");
        assert_eq!(comment("- a\n- b\n  c", 0), "-- |\n-- * a\n-- * b\n--     c\n");
        assert_eq!(
            comment("1. a\n   - b\n   - c\n2. d\n\n   e\n\nf", 0),
            "-- |\n-- 1. a\n--\n--     * b\n--     * c\n--\n-- 2. d\n--\n--     e\n--\n-- f\n"
        );
        assert_eq!(comment("|a|b|\n|-|-|\n|c|d|\n\nEnd", 0), "-- |\n-- > |a|b|\n-- > |-|-|\n-- > |c|d|\n--\n-- End\n");
    }
}
