//! A ZIP archive while it comes in, entry by entry. What writes one as a stream, as Java does, tells the size of an entry
//! behind it, and where everything is at the very end: nothing of that is waited for or kept.

use flate2::{Crc, Decompress, FlushDecompress, Status};

/// What an entry, the directory at the end, and what follows the data of an entry start with.
const ENTRY: [u8; 4] = *b"PK\x03\x04";
const DIRECTORY: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";

/// The length of the head of an entry without its name, and of what follows its data.
const HEAD: usize = 30;
const TAIL: usize = 16;

/// Sizes stand behind the data.
const HAS_DESCRIPTOR: u16 = 1 << 3;
const DEFLATED: u16 = 8;

/// By how much room is made for what is unpacked, in bytes.
const STEP: usize = 8 << 10;

/// It is no archive, or none of this kind, or an entry is larger than allowed.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed;

/// Unpacks what it is fed.
pub struct Unzip {
    /// What came and is yet to be read.
    waiting: Vec<u8>,
    state: State,
    name: String,
    inflate: Decompress,
    content: Vec<u8>,
    /// The largest content of an entry, in bytes.
    most: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Head,
    Data,
    Tail,
    Directory,
}

impl Unzip {
    /// For entries of at most so many bytes.
    pub fn new(most: usize) -> Self {
        let (waiting, name, content) = (Vec::new(), String::new(), Vec::new());
        Self { waiting, state: State::Head, name, inflate: Decompress::new(false), content, most }
    }

    /// Whether every entry was there.
    pub fn is_complete(&self) -> bool {
        self.state == State::Directory
    }

    /// Reads on, and hands over each entry that is whole now: its name and what is in it.
    pub fn feed(&mut self, bytes: &[u8], mut entry: impl FnMut(&str, &[u8])) -> Result<(), Malformed> {
        self.waiting.extend_from_slice(bytes);
        let mut read = 0;
        loop {
            let step = match self.state {
                State::Head => self.head(read)?,
                State::Data => self.data(read)?,
                State::Tail => self.tail(read, &mut entry)?,
                State::Directory => Some(self.waiting.len() - read).filter(|rest| *rest > 0),
            };
            match step {
                Some(taken) => read += taken,
                None => break,
            }
        }
        self.waiting.drain(..read);
        Ok(())
    }

    /// How many bytes the head has; `None` where more must come first. So do the others.
    fn head(&mut self, from: usize) -> Result<Option<usize>, Malformed> {
        let bytes = &self.waiting[from..];
        let Some(start) = bytes.first_chunk::<4>() else { return Ok(None) };
        if [DIRECTORY, END].contains(start) {
            self.state = State::Directory;
            return Ok(Some(0));
        }
        if *start != ENTRY {
            return Err(Malformed);
        }
        if bytes.len() < HEAD {
            return Ok(None);
        }
        if short(bytes, 6) & HAS_DESCRIPTOR == 0 || short(bytes, 8) != DEFLATED {
            return Err(Malformed);
        }
        let name_end = HEAD + usize::from(short(bytes, 26));
        let end = name_end + usize::from(short(bytes, 28));
        if bytes.len() < end {
            return Ok(None);
        }
        self.name = String::from_utf8_lossy(&bytes[HEAD..name_end]).into_owned();
        self.inflate.reset(false);
        self.content.clear();
        self.state = State::Data;
        Ok(Some(end))
    }

    fn data(&mut self, from: usize) -> Result<Option<usize>, Malformed> {
        if self.content.len() > self.most {
            return Err(Malformed);
        }
        self.content.reserve(STEP);
        let (taken, made) = (self.inflate.total_in(), self.content.len());
        let input = &self.waiting[from..];
        let status = self.inflate.decompress_vec(input, &mut self.content, FlushDecompress::None);
        let taken = (self.inflate.total_in() - taken) as usize;
        match status.map_err(|_| Malformed)? {
            Status::StreamEnd => self.state = State::Tail,
            Status::Ok | Status::BufError if taken == 0 && self.content.len() == made => return Ok(None),
            Status::Ok | Status::BufError => {}
        }
        Ok(Some(taken))
    }

    fn tail(&mut self, from: usize, entry: &mut impl FnMut(&str, &[u8])) -> Result<Option<usize>, Malformed> {
        let Some(bytes) = self.waiting.get(from..from + TAIL) else { return Ok(None) };
        let mut sum = Crc::new();
        sum.update(&self.content);
        let is_whole = bytes.starts_with(&DESCRIPTOR)
            && long(bytes, 4) == sum.sum()
            && u64::from(long(bytes, 12)) == self.content.len() as u64;
        if !is_whole {
            return Err(Malformed);
        }
        entry(&self.name, &self.content);
        self.state = State::Head;
        Ok(Some(TAIL))
    }
}

/// A number of two bytes.
fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

/// A number of four bytes.
fn long(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[cfg(test)]
pub mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::*;

    /// An archive as Java writes it into a stream.
    pub fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = Vec::new();
        for (name, content) in entries {
            out.extend(ENTRY);
            out.extend([20, 0, 8, 8, 8, 0]);
            out.extend([0; 16]);
            out.extend((name.len() as u16).to_le_bytes());
            out.extend([0; 2]);
            out.extend(name.as_bytes());
            let mut deflate = DeflateEncoder::new(&mut out, Compression::default());
            deflate.write_all(content).unwrap();
            let packed = deflate.total_in();
            deflate.finish().unwrap();
            let mut sum = Crc::new();
            sum.update(content);
            out.extend(DESCRIPTOR);
            for number in [sum.sum(), packed as u32, content.len() as u32] {
                out.extend(number.to_le_bytes());
            }
        }
        out.extend(DIRECTORY);
        out.extend([0; 50]);
        out
    }

    type Entry = (String, Vec<u8>);

    fn unpacked(archive: &[u8], piece: usize) -> Result<(Vec<Entry>, bool), Malformed> {
        let (mut unzip, mut found) = (Unzip::new(1 << 20), Vec::new());
        for piece in archive.chunks(piece) {
            unzip.feed(piece, |name, content| found.push((name.to_owned(), content.to_vec())))?;
        }
        Ok((found, unzip.is_complete()))
    }

    #[test]
    fn entries_are_the_same_in_whatever_pieces_they_come() {
        let long = "0123456789".repeat(20_000).into_bytes();
        let archive = archive(&[("a.json", b"{}"), ("empty", b""), ("content/long", &long)]);
        for piece in [1, 7, 1000, archive.len()] {
            let (found, is_complete) = unpacked(&archive, piece).unwrap();
            let names: Vec<_> = found.iter().map(|(name, content)| (name.as_str(), content.len())).collect();
            assert_eq!(names, [("a.json", 2), ("empty", 0), ("content/long", 200_000)]);
            assert!(found[2].1 == long && is_complete);
        }
    }

    #[test]
    fn what_is_cut_is_not_complete_and_what_is_no_archive_is_left() {
        let archive = archive(&[("a.json", b"{}")]);
        for length in 0..archive.len() - 54 {
            assert_eq!(unpacked(&archive[..length], 5).map(|(_, is_complete)| is_complete), Ok(false), "{length}");
        }
        assert_eq!(unpacked(b"<html>no archive</html>", 5), Err(Malformed));
        let mut spoilt = archive.clone();
        let tail = spoilt.len() - 54 - TAIL;
        spoilt[tail + 4] ^= 1;
        assert_eq!(unpacked(&spoilt, 5), Err(Malformed));
        let mut stored = archive;
        stored[8] = 0;
        assert_eq!(unpacked(&stored, 5), Err(Malformed));
    }

    #[test]
    fn an_entry_that_unpacks_to_more_than_is_allowed_is_left() {
        let archive = archive(&[("bomb", &vec![0; 4 << 20])]);
        assert!(archive.len() < 10_000);
        assert_eq!(unpacked(&archive, 100), Err(Malformed));
    }
}
