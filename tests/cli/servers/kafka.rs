//! Servers on the port of a broker.

use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::{Does, Stream, does, drips, pours, serve, tls, tls_for_friends};
use crate::hostile::run;
use crate::support::workspace::Scratch;

/// An answer has 100 MiB at most, and is in memory as it came and as it was understood.
const MOST_MEMORY: u64 = 400 << 20;

const API_VERSIONS: u16 = 18;
const SASL_HANDSHAKE: u16 = 17;

/// The most that is taken of one answer, less a bit.
const ALMOST_THE_MOST: i32 = 99 << 20;

/// A request.
struct Request {
    kind: u16,
    version: u16,
    number: [u8; 4],
}

fn asked(stream: &mut dyn Stream) -> Option<Request> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).ok()?;
    let mut frame = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut frame).ok()?;
    Some(Request {
        kind: u16::from_be_bytes(frame[..2].try_into().ok()?),
        version: u16::from_be_bytes(frame[2..4].try_into().ok()?),
        number: frame[4..8].try_into().ok()?,
    })
}

fn says(stream: &mut dyn Stream, request: &Request, body: &[u8]) {
    let length = (4 + body.len()) as i32;
    _ = stream.write_all(&[&length.to_be_bytes()[..], &request.number, body].concat());
    _ = stream.flush();
}

/// What a broker says that knows every request.
fn api_versions(request: &Request) -> Vec<u8> {
    let flexible = request.version >= 3;
    let mut body = vec![0, 0];
    let kinds = 0..90_u16;
    match flexible {
        true => body.push(kinds.len() as u8 + 1),
        false => body.extend((kinds.len() as u32).to_be_bytes()),
    }
    for kind in kinds {
        let most: u16 = if kind == API_VERSIONS { 3 } else { 12 };
        body.extend([kind.to_be_bytes(), [0, 0], most.to_be_bytes()].concat());
        body.extend(flexible.then_some(0));
    }
    body.extend([0; 4]);
    body.extend(flexible.then_some(0));
    body
}

/// Answers what a broker supports, and everything else with this.
fn then(body: Vec<u8>) -> Does {
    does(move |stream| {
        while let Some(request) = asked(stream) {
            match request.kind {
                API_VERSIONS => says(stream, &request, &api_versions(&request)),
                _ => says(stream, &request, &body),
            }
        }
    })
}

/// Claims an answer of this length, and goes on.
fn claims(length: i32, goes_on: fn(&mut dyn Stream)) -> Does {
    does(move |stream| {
        asked(stream);
        _ = stream.write_all(&length.to_be_bytes());
        goes_on(stream);
    })
}

/// Answers the first request with bytes that are the same over and over.
fn answers(body: Vec<u8>) -> Does {
    does(move |stream| {
        while let Some(request) = asked(stream) {
            says(stream, &request, &body);
        }
    })
}

/// What a hostile broker does.
fn all() -> Vec<(&'static str, Does)> {
    vec![
        ("a frame of two GiB", claims(i32::MAX, pours)),
        ("a negative length", claims(-1, pours)),
        ("no length at all", claims(0, pours)),
        ("a frame as large as one may be, of letters", claims(ALMOST_THE_MOST, pours)),
        ("a frame that drips", claims(ALMOST_THE_MOST, drips)),
        ("silence in mid frame", claims(100, |stream| _ = asked(stream))),
        (
            "an answer to another request",
            does(|stream| {
                while let Some(request) = asked(stream) {
                    says(stream, &Request { number: [0x55; 4], ..request }, &api_versions(&request));
                }
            }),
        ),
        ("arrays of all lengths that there are", answers([vec![0, 0], vec![0xff; 64]].concat())),
        ("arrays of two thousand million", answers([vec![0, 0, 0x7f], vec![0xff; 64]].concat())),
        ("a version that is never the right one", answers(vec![0, 35, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
        ("nothing", answers(Vec::new())),
        ("metadata of all lengths that there are", then(vec![0xff; 4096])),
        (
            "metadata of two thousand million",
            then([vec![0; 5], vec![0x7f, 0xff, 0xff, 0xff], vec![0xff; 4096]].concat()),
        ),
        ("metadata of the largest numbers", then(vec![0x7f; 1 << 16])),
        ("metadata of zeros", then(vec![0; 1 << 16])),
        ("no metadata", then(Vec::new())),
    ]
}

fn workspace(port: u16, rest: &str) -> Scratch {
    let connection = format!("connection:\n  bootstrap: [\"127.0.0.1:{port}\"]\n{rest}");
    let scratch = Scratch::with(&[("clusters/main.yaml", &format!("cluster: main\nenvironment: dev\n{connection}"))]);
    scratch.write("secrets/password", "correct-horse-battery-staple");
    scratch
}

#[track_caller]
fn withstands(what: &str, does: &Does, rest: &str) {
    let scratch = workspace(serve(None, does.clone()), rest);
    for arguments in [&["plan"][..], &["doctor", "connection"]] {
        let ended = run(&scratch, &[arguments, &["--timeout", "3s"]].concat(), MOST_MEMORY).ended(1);
        let told = format!("{}{}", ended.out, ended.err);
        assert!(told.contains("help: ") && told.len() < 8000 && !told.contains('\u{1b}'), "{what}: {told}");
    }
}

#[test]
fn a_hostile_broker_does_no_harm() {
    for (what, does) in all() {
        withstands(what, &does, "");
    }
}

#[test]
fn a_hostile_broker_does_no_harm_while_somebody_logs_in() {
    let login = "  sasl: { mechanism: scram-sha-512, username: busctl, password: file:secrets/password }\n";
    let scram = |first: &'static str| {
        does(move |stream| {
            while let Some(request) = asked(stream) {
                let body = match request.kind {
                    API_VERSIONS => api_versions(&request),
                    // No error, and one mechanism.
                    SASL_HANDSHAKE => [&[0, 0, 0, 0, 0, 1, 0, 13][..], b"SCRAM-SHA-512"].concat(),
                    _ => {
                        let (flexible, length) = (request.version >= 2, first.len());
                        let mut body = vec![0, 0];
                        match flexible {
                            true => body.extend([0, length as u8 + 1]),
                            false => body.extend([&[0xff, 0xff][..], &(length as u32).to_be_bytes()].concat()),
                        }
                        body.extend(first.as_bytes());
                        body.extend([0; 9]);
                        body
                    }
                };
                says(stream, &request, &body);
            }
        })
    };
    let plain = "  sasl: { mechanism: plain, username: busctl, password: file:secrets/password }\n";
    let repeats = does(|stream| {
        while let Some(request) = asked(stream) {
            let body = match request.kind {
                API_VERSIONS => api_versions(&request),
                SASL_HANDSHAKE => [&[0, 0, 0, 0, 0, 1, 0, 5][..], b"PLAIN"].concat(),
                _ => {
                    let told = b"no: correct-horse-battery-staple";
                    let length = match request.version >= 2 {
                        true => vec![told.len() as u8 + 1],
                        false => vec![0, told.len() as u8],
                    };
                    [&[0, 58][..], &length, told, &[0; 16]].concat()
                }
            };
            says(stream, &request, &body);
        }
    });
    withstands("a refusal that repeats the password", &repeats, plain);
    for (what, does) in [
        ("a password to be hashed for ever", scram("r=x,s=c2FsdA==,i=2147483647")),
        ("a nonce of its own", scram("r=x,s=c2FsdA==,i=4096")),
        ("no salt", scram("r=x,i=4096")),
        ("an error that is none", scram("e=\u{1b}[31mowned")),
        ("nothing", scram("")),
        ("a handshake of all lengths that there are", then(vec![0xff; 256])),
    ] {
        withstands(what, &does, login);
    }
}

#[test]
fn a_token_that_was_fetched_is_not_told_where_a_broker_repeats_it() {
    const TOKEN: &str = "opaque-correct-horse-battery-staple";
    let scratch = Scratch::new();
    let tls = tls(scratch.root());
    let issuer = does(|stream| {
        _ = stream.read(&mut [0; 8192]);
        let body = format!(r#"{{"access_token":"{TOKEN}","token_type":"Bearer","expires_in":3600}}"#);
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
        _ = stream.write_all(format!("{head}content-length: {}\r\n\r\n{body}", body.len()).as_bytes());
        _ = stream.flush();
    });
    let broker = does(|stream| {
        while let Some(request) = asked(stream) {
            let body = match request.kind {
                API_VERSIONS => api_versions(&request),
                SASL_HANDSHAKE => [&[0, 0, 0, 0, 0, 1, 0, 11][..], b"OAUTHBEARER"].concat(),
                // No error: why the token is not taken stands in what the client is to answer to (RFC 7628).
                _ => {
                    let told = format!(r#"{{"status":"invalid_token","token":"{TOKEN}"}}"#);
                    let length = match request.version >= 2 {
                        true => vec![0, told.len() as u8 + 1],
                        false => [&[0xff, 0xff][..], &(told.len() as u32).to_be_bytes()].concat(),
                    };
                    [&[0, 0][..], &length, told.as_bytes(), &[0; 16]].concat()
                }
            };
            says(stream, &request, &body);
        }
    });
    let (issuer, broker) = (serve(Some(tls.clone()), issuer), serve(Some(tls), broker));
    scratch.write("secrets/password", "correct-horse");
    let endpoint = format!("token_endpoint: \"https://127.0.0.1:{issuer}/token\", ca: file:ca.pem");
    let sasl = format!("mechanism: oauthbearer, client_id: busctl, client_secret: file:secrets/password, {endpoint}");
    let connection = format!(
        "connection:\n  bootstrap: [\"127.0.0.1:{broker}\"]\n  tls: {{ ca: file:ca.pem }}\n  sasl: {{ {sasl} }}\n"
    );
    scratch.write("clusters/main.yaml", format!("cluster: main\nenvironment: dev\n{connection}"));
    for arguments in [&["plan"][..], &["doctor", "connection"]] {
        let ended = run(&scratch, &[arguments, &["--timeout", "3s"]].concat(), MOST_MEMORY).ended(1);
        let told = format!("{}{}", ended.out, ended.err);
        assert!(told.contains("invalid_token") && !told.contains("battery"), "{told}");
    }
}

#[test]
fn a_listener_that_was_silent_is_asked_again_what_it_has_against_us() {
    let scratch = Scratch::new();
    for (takes_ours, told) in [(false, "does not trust our certificate"), (true, "hung up without an answer")] {
        let tls = if takes_ours { tls(scratch.root()) } else { tls_for_friends(scratch.root()) };
        // Each broker is connected to twice; the walk of `doctor` has shaken hands once before.
        for (arguments, silent) in [(&["plan"][..], 0..2), (&["doctor", "connection"], 1..3)] {
            let connections = AtomicUsize::new(0);
            let broker = does(move |stream| {
                if silent.contains(&connections.fetch_add(1, Ordering::Relaxed)) {
                    thread::sleep(Duration::from_secs(10));
                }
                _ = stream.flush();
            });
            let port = serve(Some(tls.clone()), broker);
            let tls = "tls: { ca: file:ca.pem, certificate: file:foreign.pem }";
            let connection = format!("connection:\n  bootstrap: [\"127.0.0.1:{port}\"]\n  {tls}\n");
            scratch.write("clusters/main.yaml", format!("cluster: main\nenvironment: dev\n{connection}"));
            let ended = scratch.run(&[arguments, &["--timeout", "2s"]].concat()).ended(1);
            let said = format!("{}{}", ended.out, ended.err);
            assert!(said.contains(told) && !said.contains("within"), "{arguments:?}: {said}");
        }
    }
}

#[test]
fn a_broker_that_ends_while_it_is_connected_to_is_told_as_not_there() {
    for (arguments, last) in [(&["plan"][..], 1), (&["doctor", "connection"], 2)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scratch = workspace(listener.local_addr().unwrap().port(), "");
        thread::spawn(move || {
            let streams: Vec<_> = listener.incoming().take(last).collect();
            drop(listener);
            drop(streams);
        });
        let ended = scratch.run(&[arguments, &["--timeout", "3s"]].concat()).ended(1);
        let said = format!("{}{}", ended.out, ended.err);
        assert!(said.contains("refused") && said.contains("nothing listens there"), "{arguments:?}: {said}");
    }
}

#[test]
fn what_is_no_tls_does_no_harm() {
    // A record of a handshake that claims more than one may have; one of a message without an end.
    let record = |bytes: &'static [u8], goes_on: fn(&mut dyn Stream)| {
        does(move |stream| {
            _ = stream.read(&mut [0; 4096]);
            _ = stream.write_all(bytes);
            goes_on(stream);
        })
    };
    let message = [&[22, 3, 3, 0x40, 0][..], &[2, 0xff, 0xff, 0xff], &[b'a'; 0x4000 - 4]].concat();
    let again = does(move |stream| {
        _ = stream.read(&mut [0; 4096]);
        while stream.write_all(&message).is_ok() {}
    });
    for (what, does) in [
        ("letters", record(b"", pours)),
        ("a record of a length that lies", record(&[22, 3, 3, 0xff, 0xff], pours)),
        ("a message without an end", again),
        ("a record that drips", record(&[22, 3, 3, 0x40, 0], drips)),
        ("an alert of no meaning", record(&[21, 3, 3, 0, 2, 9, 9], |_| {})),
        ("nothing", record(b"", |_| {})),
    ] {
        withstands(what, &does, "  tls: {}\n");
    }
}
