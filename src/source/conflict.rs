use std::ops::Range;

/// The first line of a merge conflict that was left in a text: `<<<<<<<`, with `=======` and `>>>>>>>` behind it.
pub fn conflict(text: &str) -> Option<Range<usize>> {
    if !text.contains("<<<<<<<") {
        return None;
    }
    let mut at = 0;
    let mut first: Option<Range<usize>> = None;
    let mut is_parted = false;
    for line in text.split_inclusive('\n') {
        let marks = |mark: &str| {
            line.strip_prefix(mark).is_some_and(|rest| rest.trim_end().is_empty() || rest.starts_with(' '))
        };
        if marks("<<<<<<<") {
            first = first.or(Some(at..at + line.trim_end().len()));
        } else if marks("=======") {
            is_parted = first.is_some();
        } else if marks(">>>>>>>") && is_parted {
            return first;
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::conflict;

    #[test]
    fn a_conflict_has_its_three_marks_at_the_start_of_lines() {
        let text = "a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> other\n";
        assert_eq!(conflict(text), Some(5..17));
        assert_eq!(conflict(&text.replace('\n', "\r\n")), Some(6..18));
        assert_eq!(conflict("a: |\n  <<<<<<< HEAD\n  =======\n  >>>>>>> other\n"), None);
        assert_eq!(conflict("<<<<<<< HEAD\n>>>>>>> other\n"), None);
        assert_eq!(conflict("# <<<<<<<\n=======\n>>>>>>>\n"), None);
    }
}
