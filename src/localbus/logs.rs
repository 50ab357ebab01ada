//! The log files of the servers: begun anew with each start, read from their end, followed.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::sleep;

use super::error::{Result, on_file};

/// How much of the end of a log is looked at for its last lines.
const TAIL_BYTES: u64 = 1024 * 1024;

/// Begins a log; the one of the start before is kept as `<log>.1`.
pub(super) fn begin(log: &Path) -> Result<File> {
    if let Some(directory) = log.parent() {
        fs::create_dir_all(directory).map_err(on_file("create", directory))?;
    }
    let mut earlier = log.as_os_str().to_owned();
    earlier.push(".1");
    match fs::rename(log, &earlier) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(on_file("rename", log)(error));
        }
        _ => {}
    }
    File::options().create(true).append(true).open(log).map_err(on_file("create", log))
}

/// The last lines of a log; none where there is no log.
///
/// # Errors
///
/// The file is there and cannot be read.
pub fn tail(log: &Path, lines: usize) -> Result<Vec<String>> {
    let mut file = match File::open(log) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(on_file("read", log)(error)),
    };
    let read = || -> std::io::Result<(bool, Vec<u8>)> {
        let length = file.metadata()?.len();
        let start = length.saturating_sub(TAIL_BYTES);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
        Ok((start > 0, bytes))
    };
    let (cut, bytes) = { read }().map_err(on_file("read", log))?;
    let text = String::from_utf8_lossy(&bytes);
    // Where the reading began inside a line, that line is not whole.
    let whole: Vec<&str> = text.lines().skip(usize::from(cut)).collect();
    Ok(whole[whole.len().saturating_sub(lines)..].iter().map(|line| (*line).to_owned()).collect())
}

/// Reads the lines that come to a log, from a place in it on; also across a restart of the server.
#[derive(Debug)]
pub struct Follower {
    log: PathBuf,
    position: u64,
    half: Vec<u8>,
}

impl Follower {
    /// Follows a log from its present end.
    pub fn from_end_of(log: &Path) -> Self {
        let position = log.metadata().map_or(0, |metadata| metadata.len());
        Self { log: log.to_owned(), position, half: Vec::new() }
    }

    /// Waits until there are new lines. It may be dropped while it waits, without losing one.
    ///
    /// # Errors
    ///
    /// The file is there and cannot be read.
    pub async fn lines(&mut self) -> Result<Vec<String>> {
        loop {
            let lines = self.lines_now()?;
            if !lines.is_empty() {
                return Ok(lines);
            }
            sleep(Duration::from_millis(200)).await;
        }
    }

    fn lines_now(&mut self) -> Result<Vec<String>> {
        let mut file = match File::open(&self.log) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(on_file("read", &self.log)(error)),
        };
        let length = file.metadata().map_err(on_file("read", &self.log))?.len();
        if length < self.position {
            // The server was started again and its log began anew.
            self.position = 0;
            self.half.clear();
        }
        let read = file.seek(SeekFrom::Start(self.position)).and_then(|_| file.read_to_end(&mut self.half));
        self.position += read.map_err(on_file("read", &self.log))? as u64;
        let Some(end) = self.half.iter().rposition(|&byte| byte == b'\n') else {
            return Ok(Vec::new());
        };
        let rest = self.half.split_off(end + 1);
        let whole = std::mem::replace(&mut self.half, rest);
        Ok(String::from_utf8_lossy(&whole).lines().map(str::to_owned).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn keeps_the_log_of_the_start_before() {
        let root = tempfile::tempdir().unwrap();
        let log = root.path().join("logs/kafka.log");
        writeln!(begin(&log).unwrap(), "first").unwrap();
        writeln!(begin(&log).unwrap(), "second\nthird").unwrap();
        assert_eq!(tail(&log, 10).unwrap(), ["second", "third"]);
        assert_eq!(tail(&log, 1).unwrap(), ["third"]);
        assert_eq!(tail(&root.path().join("logs/kafka.log.1"), 10).unwrap(), ["first"]);
        assert!(tail(&root.path().join("none"), 10).unwrap().is_empty());
    }

    #[test]
    fn reads_only_the_end_of_a_long_log() {
        let root = tempfile::tempdir().unwrap();
        let log = root.path().join("long.log");
        let mut file = begin(&log).unwrap();
        for number in 0..200_000 {
            writeln!(file, "line {number}").unwrap();
        }
        let lines = tail(&log, 1_000_000).unwrap();
        assert_eq!(lines.last().map(String::as_str), Some("line 199999"));
        assert!(lines[0].starts_with("line "), "{}", lines[0]);
        assert!(lines.len() < 200_000);
    }

    #[tokio::test]
    async fn follows_across_a_restart() {
        let root = tempfile::tempdir().unwrap();
        let log = root.path().join("kafka.log");
        let mut file = begin(&log).unwrap();
        writeln!(file, "before, a long line that the next log does not reach").unwrap();
        let mut follower = Follower::from_end_of(&log);
        write!(file, "one\ntw").unwrap();
        assert_eq!(follower.lines().await.unwrap(), ["one"]);
        writeln!(file, "o").unwrap();
        assert_eq!(follower.lines().await.unwrap(), ["two"]);
        writeln!(begin(&log).unwrap(), "again").unwrap();
        assert_eq!(follower.lines().await.unwrap(), ["again"]);
    }
}
