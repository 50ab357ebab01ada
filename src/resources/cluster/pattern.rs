//! Patterns of Java's `java.util.regex`, as far as the library here understands them.

use regex_syntax::ast::{self, Ast, ErrorKind};

/// Why a pattern is none, for Java too.
pub(super) fn broken(pattern: &str) -> Option<&'static str> {
    let error = ast::parse::Parser::new().parse(pattern).err()?;
    match error.kind() {
        ErrorKind::GroupUnclosed => Some("a `(` is not closed"),
        ErrorKind::GroupUnopened => Some("a `)` closes nothing"),
        ErrorKind::ClassUnclosed => Some("a `[` is not closed"),
        ErrorKind::ClassRangeInvalid => Some("a range in `[…]` ends before it begins"),
        ErrorKind::RepetitionMissing => Some("`*`, `+` or `?` repeats nothing"),
        ErrorKind::RepetitionCountInvalid => Some("a repetition `{…}` ends before it begins"),
        ErrorKind::EscapeUnexpectedEof => Some(r"a `\` has nothing behind it"),
        // What Java knows and this does not, or knows in another way.
        _ => None,
    }
}

/// A pattern of Java's as one that means the same here; `None` where it is none, or may mean something else: Java's can look around,
/// refer to what was found, and more.
pub(super) fn translated(pattern: &str) -> Option<String> {
    let ast = ast::parse::Parser::new().parse(pattern).ok()?;
    let words = ast::visit(&ast, Words { is_ascii: pattern.is_ascii(), replaced: Vec::new() }).ok()?;
    let mut translated = String::with_capacity(pattern.len());
    let mut at = 0;
    for (span, word) in words {
        translated.push_str(&pattern[at..span.start.offset]);
        translated.push_str(&word);
        at = span.end.offset;
    }
    translated.push_str(&pattern[at..]);
    Some(translated)
}

/// Finds what Java has for ASCII alone, in the order of its places, and refuses what Java reads otherwise.
struct Words {
    is_ascii: bool,
    replaced: Vec<(ast::Span, String)>,
}

impl Words {
    fn class(&mut self, class: &ast::ClassPerl) {
        let letters = match class.kind {
            ast::ClassPerlKind::Digit => "0-9",
            ast::ClassPerlKind::Space => r" \t\n\x0B\f\r",
            ast::ClassPerlKind::Word => "a-zA-Z_0-9",
        };
        let not = if class.negated { "^" } else { "" };
        self.replaced.push((class.span, format!("[{not}{letters}]")));
    }

    fn flags(&self, flags: &ast::Flags) -> Result<(), ()> {
        let is_otherwise = |item: &ast::FlagsItem| match item.kind {
            ast::FlagsItemKind::Flag(ast::Flag::SwapGreed | ast::Flag::Unicode) => true,
            // Java ignores case in ASCII alone.
            ast::FlagsItemKind::Flag(ast::Flag::CaseInsensitive) => !self.is_ascii,
            _ => false,
        };
        if flags.items.iter().any(is_otherwise) { Err(()) } else { Ok(()) }
    }

    /// Words for classes are others in Java, but for the general categories, which have letters.
    fn category(class: &ast::ClassUnicode) -> Result<(), ()> {
        match &class.kind {
            ast::ClassUnicodeKind::OneLetter(_) => Ok(()),
            ast::ClassUnicodeKind::Named(name) if name.chars().count() <= 2 => Ok(()),
            _ => Err(()),
        }
    }
}

impl ast::Visitor for Words {
    type Output = Vec<(ast::Span, String)>;
    type Err = ();

    fn finish(self) -> Result<Self::Output, ()> {
        Ok(self.replaced)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), ()> {
        use ast::AssertionKind::{EndLine, EndText, NotWordBoundary, StartLine, StartText, WordBoundary};
        match ast {
            Ast::ClassPerl(class) => self.class(class),
            Ast::ClassUnicode(class) => return Self::category(class),
            Ast::Flags(flags) => return self.flags(&flags.flags),
            Ast::Group(group) => return group.flags().map_or(Ok(()), |flags| self.flags(flags)),
            Ast::Assertion(assertion) => match assertion.kind {
                StartLine | StartText | EndLine | EndText => {}
                WordBoundary => self.replaced.push((assertion.span, r"(?-u:\b)".to_owned())),
                NotWordBoundary => self.replaced.push((assertion.span, r"(?-u:\B)".to_owned())),
                _ => return Err(()),
            },
            _ => {}
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ast::ClassSetItem) -> Result<(), ()> {
        match item {
            ast::ClassSetItem::Perl(class) => self.class(class),
            ast::ClassSetItem::Unicode(class) => return Self::category(class),
            ast::ClassSetItem::Ascii(_) => return Err(()),
            _ => {}
        }
        Ok(())
    }

    fn visit_class_set_binary_op_pre(&mut self, operation: &ast::ClassSetBinaryOp) -> Result<(), ()> {
        match operation.kind {
            ast::ClassSetBinaryOpKind::Intersection => Ok(()),
            _ => Err(()),
        }
    }
}
