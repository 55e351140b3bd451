//! Docs of Rust, which are Markdown, as docs of Haskell, which are not.

/// Comment lines with these docs, or none. `indent` is where they begin.
pub fn comment(docs: &str, indent: usize) -> String {
    let indent = " ".repeat(indent);
    let mut text = String::new();
    let mut in_code = false;
    for (at, line) in docs.lines().enumerate() {
        let line = line.trim_end();
        let fence = line.trim_start().starts_with("```");
        let line = match (fence, in_code) {
            (true, _) => {
                in_code = !in_code;
                String::new()
            }
            (false, true) => format!("> {line}").trim_end().to_owned(),
            (false, false) => inline(line),
        };
        let open = if at == 0 { "-- |" } else { "--" };
        let space = if line.is_empty() { "" } else { " " };
        text += &format!("{indent}{open}{space}{line}\n");
    }
    text
}

fn inline(line: &str) -> String {
    if let Some(heading) = line.strip_prefix('#') {
        return format!("==== {}", escape(heading.trim_start_matches('#').trim()));
    }
    let mut text = String::new();
    let mut rest = line;
    // Code spans are every second part; one that is not closed is a backtick.
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, after)) = after.split_once('`') else { break };
        text += &emphasis(&unlink(before));
        text += &format!("@{}@", escape(code));
        rest = after.strip_prefix(']').filter(|_| before.ends_with('[')).unwrap_or(after);
    }
    text + &emphasis(&unlink(rest))
}

/// Without the bracket that opens a link of rustdoc, [`Like`] this one.
fn unlink(text: &str) -> String {
    escape(text.strip_suffix('[').unwrap_or(text))
}

/// `**strong**` in Haddock's way.
fn emphasis(text: &str) -> String {
    text.replace("**", "__")
}

/// Without the marks that Haddock would take for its own. Most of them are only in pairs.
fn escape(text: &str) -> String {
    let in_pairs = |mark: char| text.matches(mark).count() > 1;
    let mut escaped = String::new();
    for c in text.chars() {
        let is_mark = match c {
            '\\' | '@' | '`' => true,
            '/' | '#' => in_pairs(c),
            '<' => text.contains('>'),
            _ => false,
        };
        if is_mark {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::comment;

    #[test]
    fn docs_become_comments() {
        assert_eq!(comment("", 0), "");
        assert_eq!(comment("One.\n\nTwo.", 2), "  -- | One.\n  --\n  -- Two.\n");
    }

    #[test]
    fn markdown_becomes_haddock() {
        assert_eq!(comment("Calls `find` and [`Hit`], **now**.", 0), "-- | Calls @find@ and @Hit@, __now__.\n");
        assert_eq!(comment("a/b isn't <e> `", 0), "-- | a/b isn't \\<e> \\`\n");
        assert_eq!(comment("a/b/c me@here", 0), "-- | a\\/b\\/c me\\@here\n");
        assert_eq!(comment("```\nlet x = 'y';\n```", 0), "-- |\n-- > let x = 'y';\n--\n");
        assert_eq!(comment("# Errors", 0), "-- | ==== Errors\n");
    }
}
