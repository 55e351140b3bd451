//! A line of Haddock.

/// Text that is escaped where Haddock would take it for its own, and marks that are Haddock's own.
#[derive(Default)]
pub struct Line {
    parts: Vec<Part>,
    /// The marks that are still to be closed.
    open: Vec<&'static str>,
}

enum Part {
    Text(String),
    Mark(String),
}

impl Line {
    pub fn text(&mut self, text: &str) {
        self.parts.push(Part::Text(text.into()));
    }

    pub fn mark(&mut self, mark: &str) {
        self.parts.push(Part::Mark(mark.into()));
    }

    /// Code, in which Haddock looks for marks as it does in text.
    pub fn code(&mut self, code: &str) {
        self.mark("@");
        self.text(code);
        self.mark("@");
    }

    /// Emphasis, which has the same mark at both ends.
    pub fn open(&mut self, mark: &'static str) {
        self.mark(mark);
        self.open.push(mark);
    }

    pub fn close(&mut self) {
        if let Some(mark) = self.open.pop() {
            self.mark(mark);
        }
    }

    /// Closes what is open, which the line that is given opens again: Haddock's marks are on one line.
    pub fn split(&mut self) -> Line {
        let mut next = Line::default();
        self.open.iter().for_each(|mark| next.open(mark));
        while !self.open.is_empty() {
            self.close();
        }
        next
    }

    pub fn finish(self) -> String {
        let chars = self.parts.iter().flat_map(|part| match part {
            Part::Text(text) => text.chars().map(|c| (c, true)).collect::<Vec<_>>(),
            Part::Mark(mark) => mark.chars().map(|c| (c, false)).collect(),
        });
        let chars: Vec<_> = chars.skip_while(|(c, _)| c.is_whitespace()).collect();
        let mut line = String::new();
        for (at, (c, is_text)) in chars.iter().enumerate() {
            if *is_text && is_mark(&chars, at) {
                line.push('\\');
            }
            line.push(*c);
        }
        line.truncate(line.trim_end().len());
        line
    }
}

/// Whether Haddock would take a character for more than itself. Most marks are only in pairs.
fn is_mark(chars: &[(char, bool)], at: usize) -> bool {
    let (before, c, after) = (&chars[..at], chars[at].0, &chars[at + 1..]);
    let has = |chars: &[(char, bool)], mark: char| chars.iter().any(|(c, _)| *c == mark);
    let next = |is: fn(char) -> bool| after.first().is_some_and(|(c, _)| is(*c));
    match c {
        '\\' | '@' | '`' => true,
        '/' | '#' => has(before, c) || has(after, c),
        '_' => before.last().is_some_and(|(c, _)| *c == '_') || next(|c| c == '_'),
        '<' => has(after, '>'),
        // Names of modules, and of anything.
        '"' => next(char::is_uppercase) && has(after, c),
        '\'' => {
            let opens = !before.last().is_some_and(|(c, _)| c.is_alphanumeric());
            opens && next(char::is_alphabetic) && has(after, c)
        }
        _ if !before.is_empty() => false,
        '*' | '-' | '+' | '>' | '|' | '^' | '$' | '=' | '[' => true,
        '(' => next(|c| c.is_ascii_digit()),
        _ => c.is_ascii_digit() && after.iter().find(|(c, _)| !c.is_ascii_digit()).is_some_and(|(c, _)| *c == '.'),
    }
}
