use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::Code;

static CODES: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());

/// The code that is written in a manifest. Each text is kept once, to the end of the program: a bus has a few dozen of
/// them, and findings are copied and compared by the thousand.
pub fn intern(code: &str) -> Code {
    // A thread that panicked here has added a code or none.
    let mut codes = CODES.lock().unwrap_or_else(PoisonError::into_inner);
    match codes.get(code) {
        Some(known) => known,
        None => {
            let code: &'static str = Box::leak(code.into());
            codes.insert(code);
            code
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_kept_once() {
        let first = intern("ORG001");
        assert_eq!(first, "ORG001");
        assert!(std::ptr::eq(first, intern(&String::from("ORG001"))));
    }
}
