use unicode_general_category::{GeneralCategory, get_general_category};

/// Whether a character is not seen where it stands in a text, or changes how the text around it is seen: control characters,
/// those that turn the direction, end lines or fill without a sign of it, and tags.
///
/// What a script is written with is seen by what it does: the joiners of Persian and Indic scripts and of emoji, and the
/// variants of signs.
pub fn is_unseen(c: char) -> bool {
    match c {
        ' '..='~' => false,
        // Joiners; variants, of Mongolian too.
        '\u{200c}' | '\u{200d}' | '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' => false,
        // Formats in name: signs around the numbers behind them.
        '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}' => false,
        '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' => false,
        // Fillers and the grapheme joiner, which are letters and marks in name, and what is kept for more like them.
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}' => true,
        '\u{2065}' | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}' => true,
        c => matches!(
            get_general_category(c),
            GeneralCategory::Control
                | GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::is_unseen;

    #[test]
    fn what_does_not_show_is_known_and_what_scripts_need_is_none_of_it() {
        let unseen = "\0\t\n\u{1b}\u{7f}\u{80}\u{9f}\u{ad}\u{34f}\u{61c}\u{115f}\u{180e}\u{200b}\u{200e}\u{200f}\u{2028}\u{2029}\
                      \u{202a}\u{202e}\u{2060}\u{2064}\u{2065}\u{2066}\u{2069}\u{206f}\u{3164}\u{feff}\u{ffa0}\u{fff9}\u{fffb}\
                      \u{1bca0}\u{1d173}\u{e0001}\u{e0041}\u{e0100}";
        assert_eq!(unseen.chars().find(|c| !is_unseen(*c)), None);
        let seen = "aZ~ äß日本語한국어ไทย \u{a0}\u{2003}می\u{200c}خواهم क्\u{200d}ष 👩\u{200d}💻 ❤\u{fe0f} ᠠ\u{180b} \u{600}١ \u{6dd}e\u{301}\u{fffd}😀\u{f8ff}";
        assert_eq!(seen.chars().find(|c| is_unseen(*c)), None);
    }
}
