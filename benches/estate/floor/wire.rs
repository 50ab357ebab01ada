//! Kafka's protocol over a socket: flexible versions only (KIP-482), and no more than the floor needs.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::Outcome;

/// A connection that is logged in.
pub struct Connection {
    socket: TcpStream,
}

/// A request of Kafka's: the number of its API and the version.
pub type Api = (i16, i16);

const SASL_HANDSHAKE: Api = (17, 1);
const SASL_AUTHENTICATE: Api = (36, 2);

impl Connection {
    /// Connects and logs in as `admin` with SASL PLAIN.
    pub fn open(bootstrap: &str, password: &str) -> Outcome<Self> {
        let socket = TcpStream::connect(bootstrap)?;
        socket.set_nodelay(true)?;
        let mut connection = Self { socket };
        // The one request here that is older than flexible versions: strings have two bytes of length.
        connection.send_with(SASL_HANDSHAKE, false, b"\x00\x05PLAIN")?;
        let answer = connection.receive()?;
        Answer::new(&answer).nothing_wrong("SaslHandshake")?;
        let mut body = Body::default();
        body.bytes(format!("\0admin\0{password}").as_bytes()).end();
        connection.send(SASL_AUTHENTICATE, &body)?;
        let answer = connection.receive()?;
        Answer::flexible(&answer)?.nothing_wrong("SaslAuthenticate")?;
        Ok(connection)
    }

    /// Sends a request without waiting for its answer.
    pub fn send(&mut self, api: Api, body: &Body) -> Outcome<()> {
        self.send_with(api, true, &body.0)
    }

    fn send_with(&mut self, (key, version): Api, flexible: bool, body: &[u8]) -> Outcome<()> {
        let mut frame = Vec::with_capacity(body.len() + 16);
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(&key.to_be_bytes());
        frame.extend_from_slice(&version.to_be_bytes());
        // Correlation id 0, for answers come in the order of their requests; no client id.
        frame.extend_from_slice(&[0, 0, 0, 0, 0xff, 0xff]);
        if flexible {
            frame.push(0);
        }
        frame.extend_from_slice(body);
        let length = u32::try_from(frame.len() - 4)?;
        frame[..4].copy_from_slice(&length.to_be_bytes());
        Ok(self.socket.write_all(&frame)?)
    }

    /// The next answer, with its header.
    pub fn receive(&mut self) -> Outcome<Vec<u8>> {
        let mut length = [0; 4];
        self.socket.read_exact(&mut length)?;
        let mut answer = vec![0; u32::from_be_bytes(length) as usize];
        self.socket.read_exact(&mut answer)?;
        Ok(answer)
    }
}

/// The body of a request.
#[derive(Default)]
pub struct Body(Vec<u8>);

impl Body {
    pub fn i8(&mut self, value: i8) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    pub fn i16(&mut self, value: i16) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    pub fn i32(&mut self, value: i32) -> &mut Self {
        self.raw(&value.to_be_bytes())
    }

    /// The length of an array.
    pub fn length(&mut self, length: usize) -> &mut Self {
        self.varint(length + 1)
    }

    /// Null, where a string or an array may be null.
    pub fn null(&mut self) -> &mut Self {
        self.varint(0)
    }

    pub fn string(&mut self, text: &str) -> &mut Self {
        self.bytes(text.as_bytes())
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.varint(bytes.len() + 1).raw(bytes)
    }

    /// The end of a structure: no tagged fields.
    pub fn end(&mut self) -> &mut Self {
        self.raw(&[0])
    }

    pub fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn varint(&mut self, mut value: usize) -> &mut Self {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
        self
    }
}

/// An answer that is being read.
pub struct Answer<'a>(&'a [u8]);

impl<'a> Answer<'a> {
    fn new(frame: &'a [u8]) -> Self {
        Self(frame.get(4..).unwrap_or_default())
    }

    /// An answer with the header of flexible versions.
    pub fn flexible(frame: &'a [u8]) -> Outcome<Self> {
        let mut answer = Self::new(frame);
        answer.end()?;
        Ok(answer)
    }

    pub fn take(&mut self, length: usize) -> Outcome<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length).ok_or("the answer ends too early")?;
        self.0 = rest;
        Ok(head)
    }

    pub fn i8(&mut self) -> Outcome<i8> {
        Ok(self.take(1)?[0] as i8)
    }

    pub fn i16(&mut self) -> Outcome<i16> {
        Ok(i16::from_be_bytes(self.take(2)?.try_into()?))
    }

    pub fn i32(&mut self) -> Outcome<i32> {
        Ok(i32::from_be_bytes(self.take(4)?.try_into()?))
    }

    /// The length of an array; null is empty.
    pub fn length(&mut self) -> Outcome<usize> {
        Ok(self.varint()?.saturating_sub(1))
    }

    /// A string; null is empty.
    pub fn string(&mut self) -> Outcome<&'a str> {
        let length = self.length()?;
        Ok(std::str::from_utf8(self.take(length)?)?)
    }

    /// An array of numbers of four bytes.
    pub fn numbers(&mut self) -> Outcome<()> {
        let length = self.length()?;
        self.take(4 * length).map(drop)
    }

    /// The end of a structure with its tagged fields.
    pub fn end(&mut self) -> Outcome<()> {
        for _ in 0..self.varint()? {
            self.varint()?;
            let length = self.varint()?;
            self.take(length)?;
        }
        Ok(())
    }

    /// Reads an error code, which must be none.
    pub fn nothing_wrong(&mut self, what: &str) -> Outcome<()> {
        match self.i16()? {
            0 => Ok(()),
            code => Err(format!("{what} was answered with error {code}").into()),
        }
    }

    fn varint(&mut self) -> Outcome<usize> {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.take(1)?[0];
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
            shift += 7;
            if shift > 28 {
                return Err("a number is too long".into());
            }
        }
    }
}
