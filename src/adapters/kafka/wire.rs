//! Values of Kafka's protocol as bytes, in the classic encoding and in the compact one of flexible versions (KIP-482).

/// Why bytes are no answer, or a value cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum WireError {
    /// Less follows than was said.
    #[error("the answer ends too early")]
    Truncated,
    /// A name is no text.
    #[error("a name is not UTF-8")]
    NotUtf8,
    /// A number has more digits than it may.
    #[error("a number is too long")]
    LongNumber,
    /// More than the classic encoding has room for.
    #[error("a name is longer than 32,767 bytes")]
    LongName,
}

type Result<T> = std::result::Result<T, WireError>;

/// The ACL requests are flexible from this version on. The others that are written here are known to this client in
/// flexible versions alone, all of which are higher.
const FIRST_FLEXIBLE: i16 = 2;

/// Writes a request.
pub(super) struct Writer {
    bytes: Vec<u8>,
    flexible: bool,
}

impl Writer {
    pub(super) fn new(version: i16) -> Self {
        Self { bytes: Vec::new(), flexible: version >= FIRST_FLEXIBLE }
    }

    pub(super) fn code(&mut self, code: i8) {
        self.bytes.extend(code.to_be_bytes());
    }

    pub(super) fn i32(&mut self, number: i32) {
        self.bytes.extend(number.to_be_bytes());
    }

    /// An array that is not there, which means everything.
    pub(super) fn null_array(&mut self) {
        if self.flexible {
            self.bytes.push(0);
        } else {
            self.i32(-1);
        }
    }

    /// The length of an array; its items follow.
    pub(super) fn length(&mut self, length: usize) {
        if self.flexible {
            self.varint(length + 1);
        } else {
            self.bytes.extend(i32::try_from(length).unwrap_or(i32::MAX).to_be_bytes());
        }
    }

    pub(super) fn string(&mut self, text: Option<&str>) -> Result<()> {
        let length = text.map_or(Ok(-1), |text| i16::try_from(text.len())).map_err(|_| WireError::LongName)?;
        if self.flexible {
            self.varint(text.map_or(0, |text| text.len() + 1));
        } else {
            self.bytes.extend(length.to_be_bytes());
        }
        self.bytes.extend(text.unwrap_or_default().as_bytes());
        Ok(())
    }

    /// The end of a structure: in flexible versions, that no tagged fields follow.
    pub(super) fn end(&mut self) {
        if self.flexible {
            self.bytes.push(0);
        }
    }

    /// Copies what was written. The error is that of whoever calls, whose own writing may fail; this never does.
    pub(super) fn copy_to<'a, E>(&'a self, buffer: &mut impl Extend<&'a u8>) -> std::result::Result<(), E> {
        buffer.extend(&self.bytes);
        Ok(())
    }

    fn varint(&mut self, mut value: usize) {
        while value >= 0x80 {
            self.bytes.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
}

/// Reads an answer from its start on. What it says is not trusted: a length is only believed as far as bytes follow.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    flexible: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(answer: &'a [u8], version: i16) -> Self {
        Self { rest: answer, flexible: version >= FIRST_FLEXIBLE }
    }

    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N]> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(WireError::Truncated)?;
        self.rest = rest;
        Ok(*head)
    }

    pub(super) fn i8(&mut self) -> Result<i8> {
        self.take().map(i8::from_be_bytes)
    }

    pub(super) fn i16(&mut self) -> Result<i16> {
        self.take().map(i16::from_be_bytes)
    }

    pub(super) fn i64(&mut self) -> Result<i64> {
        self.take().map(i64::from_be_bytes)
    }

    pub(super) fn i32(&mut self) -> Result<i32> {
        self.take().map(i32::from_be_bytes)
    }

    /// The length of an array.
    pub(super) fn length(&mut self) -> Result<usize> {
        if self.flexible { Ok(self.varint()?.saturating_sub(1)) } else { Ok(usize::try_from(self.i32()?).unwrap_or(0)) }
    }

    /// A string; null is empty.
    pub(super) fn string(&mut self) -> Result<&'a str> {
        let length = match self.flexible {
            true => self.varint()?.saturating_sub(1),
            false => usize::try_from(i16::from_be_bytes(self.take()?)).unwrap_or(0),
        };
        std::str::from_utf8(self.skip(length)?).map_err(|_| WireError::NotUtf8)
    }

    /// The end of a structure, with the tagged fields of flexible versions.
    pub(super) fn end(&mut self) -> Result<()> {
        if self.flexible {
            for _ in 0..self.varint()? {
                self.varint()?;
                let length = self.varint()?;
                self.skip(length)?;
            }
        }
        Ok(())
    }

    fn skip(&mut self, length: usize) -> Result<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(length).ok_or(WireError::Truncated)?;
        self.rest = rest;
        Ok(head)
    }

    fn varint(&mut self) -> Result<usize> {
        let mut value = 0;
        for shift in (0..32).step_by(7) {
            let [byte] = self.take()?;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(WireError::LongNumber)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_in_both_encodings() {
        let long = "x".repeat(300);
        for version in [1, 3] {
            let mut writer = Writer::new(version);
            writer.length(200);
            writer.string(Some(&long)).expect("it is short enough");
            writer.string(None).expect("null is short");
            writer.code(-3);
            writer.end();
            let mut reader = Reader::new(&writer.bytes, version);
            assert_eq!(reader.length().ok(), Some(200));
            assert_eq!(reader.string().ok(), Some(&*long));
            assert_eq!(reader.string().ok(), Some(""));
            assert_eq!(reader.i8().ok(), Some(-3));
            assert!(reader.end().is_ok());
            assert!(reader.i8().is_err(), "nothing is left");
        }
    }

    #[test]
    fn a_broken_answer_is_an_error() {
        for (version, bytes) in [
            (1, &[][..]),
            (1, &[0x7f, 0xff, 1]),
            (1, &[0, 1, 0xff]),
            (3, &[]),
            (3, &[0x80]),
            (3, &[0xff; 12]),
            (3, &[9]),
        ] {
            assert!(Reader::new(bytes, version).string().is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn a_name_that_is_too_long_is_refused() {
        assert!(Writer::new(3).string(Some(&"x".repeat(40_000))).is_err());
    }
}
