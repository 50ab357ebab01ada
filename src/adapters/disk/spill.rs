use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, PoisonError};

use crate::diag::Spill;

/// A file without a name in the folder for temporary files (`TMPDIR`), which nobody else can open, and which is gone with the
/// program, however that ends. It is made once something is written to it.
#[derive(Debug, Default)]
pub struct SpillFile(Mutex<Option<(File, u64)>>);

impl Spill for SpillFile {
    fn append(&self, bytes: &[u8]) -> io::Result<u64> {
        // A thread that panicked here has written what nobody reads.
        let mut spill = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let written = (|| {
            let (file, end) = match &mut *spill {
                Some(spill) => spill,
                none => none.insert((tempfile::tempfile()?, 0)),
            };
            file.write_all_at(bytes, *end)?;
            *end += bytes.len() as u64;
            Ok(*end - bytes.len() as u64)
        })();
        written.map_err(|error| says("written to", &error))
    }

    fn read_at(&self, start: u64, bytes: &mut [u8]) -> io::Result<usize> {
        let spill = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*spill {
            Some((file, _)) => file.read_at(bytes, start).map_err(|error| says("read from", &error)),
            None => Ok(0),
        }
    }
}

fn says(what: &str, error: &io::Error) -> io::Error {
    let folder = std::env::temp_dir();
    let message = format!("findings could not be {what} a temporary file in {}: {error}", folder.display());
    io::Error::new(error.kind(), message)
}
