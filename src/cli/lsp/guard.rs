use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does what `what` is the name of. A bug in it ends that alone, and not the editor's session; the answer says then what may
/// be reported.
///
/// What the bug was is on standard error already, which editors keep. It is not repeated: it may quote a manifest.
pub fn guarded<T>(what: &str, work: impl FnOnce() -> T) -> Result<T, String> {
    // What is half done is of one file, whose next text replaces it.
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        let what = what.escape_debug();
        format!("`{what}` came upon a bug in busctl; please report what busctl wrote to standard error, with the file")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bug_ends_nothing_else_and_is_not_quoted() {
        let why = guarded("hover", || panic!("secret")).expect_err("a bug");
        assert_eq!(
            why,
            "`hover` came upon a bug in busctl; please report what busctl wrote to standard error, with the file"
        );
        assert_eq!(guarded("hover", || 1), Ok(1));
    }
}
