//! Random text from the system.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::{Result, on_file};

/// `N` random bytes.
pub(super) fn bytes<const N: usize>() -> Result<[u8; N]> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0; N];
    let read = File::open(source).and_then(|mut file| file.read_exact(&mut bytes));
    read.map(|()| bytes).map_err(on_file("read", source))
}

/// A secret of 32 letters and digits.
pub(super) fn password() -> Result<String> {
    Ok(bytes::<16>()?.iter().map(|byte| format!("{byte:02x}")).collect())
}
