//! Messages through standard input and output, each behind a header with its length.

use std::io::{self, BufRead, Read, Write};

use lsp_server::Message;

/// The longest message. An editor sends whole documents, of which a manifest may have a megabyte.
const LONGEST: u64 = 64 << 20;

/// The longest line of a header.
const LONGEST_LINE: u64 = 4 << 10;

/// What came in.
pub enum Incoming {
    /// A message.
    Message(Box<Message>),
    /// Something that has the form of a message and is none: why.
    Malformed(String),
    /// There is no more.
    End,
}

/// Reads the next message. After an error it is not known where the next one begins.
pub fn read(input: &mut impl BufRead) -> io::Result<Incoming> {
    let wrong = |message: String| io::Error::new(io::ErrorKind::InvalidData, message);
    let mut length = None;
    loop {
        let mut line = String::new();
        if input.by_ref().take(LONGEST_LINE).read_line(&mut line)? == 0 {
            return Ok(Incoming::End);
        }
        let Some(line) = line.strip_suffix('\n') else { return Err(wrong("a header without an end".to_owned())) };
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(':') else {
            return Err(wrong(format!("`{}` is no header", line.escape_debug())));
        };
        if name.trim().eq_ignore_ascii_case("content-length") {
            length = value.trim().parse::<u64>().ok();
        }
    }
    let length = length.ok_or_else(|| wrong("a message without its Content-Length".to_owned()))?;
    if length > LONGEST {
        return Err(wrong(format!("a message of {length} bytes; {LONGEST} is the most")));
    }
    let mut body = Vec::new();
    if input.by_ref().take(length).read_to_end(&mut body)? < length as usize {
        return Ok(Incoming::End);
    }
    Ok(match serde_json::from_slice(&body) {
        Ok(message) => Incoming::Message(Box::new(message)),
        Err(error) => Incoming::Malformed(error.to_string()),
    })
}

/// Writes what is answered to something that is no message, and so has no number.
pub fn refuse(out: &mut impl Write, reason: &str) -> io::Result<()> {
    let error = serde_json::json!({ "code": lsp_server::ErrorCode::ParseError as i32, "message": reason });
    let text = serde_json::json!({ "jsonrpc": "2.0", "id": null, "error": error }).to_string();
    write!(out, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> Vec<String> {
        let mut input = text.as_bytes();
        let mut found = Vec::new();
        loop {
            match read(&mut input) {
                Ok(Incoming::Message(message)) => match *message {
                    Message::Request(request) => found.push(request.method),
                    Message::Notification(notification) => found.push(notification.method),
                    Message::Response(_) => found.push("response".to_owned()),
                },
                Ok(Incoming::Malformed(_)) => found.push("malformed".to_owned()),
                Ok(Incoming::End) => return found,
                Err(error) => {
                    found.push(error.to_string());
                    return found;
                }
            }
        }
    }

    fn framed(body: &str) -> String {
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn a_message_that_is_none_does_not_end_the_conversation() {
        let good = framed(r#"{"jsonrpc":"2.0","method":"initialized"}"#);
        let text = format!("{}{good}{}{good}", framed("{nonsense"), framed("[]"));
        assert_eq!(read_all(&text), ["malformed", "initialized", "malformed", "initialized"]);
        assert_eq!(read_all(&format!("Content-Type: x\r\n{good}")), ["initialized"]);
        assert_eq!(read_all(&good[..good.len() - 3]), [""; 0], "cut off");
    }

    #[test]
    fn what_has_no_frame_is_refused() {
        assert_eq!(read_all("nonsense\r\n"), ["`nonsense` is no header"]);
        assert_eq!(read_all("Content-Type: x\r\n\r\n{}"), ["a message without its Content-Length"]);
        assert_eq!(
            read_all("Content-Length: 99999999999999\r\n\r\n{}"),
            ["a message of 99999999999999 bytes; 67108864 is the most"]
        );
        assert_eq!(read_all(&"x".repeat(5000)), ["a header without an end"]);
    }
}
