//! A way to Consul on which something may happen between two requests.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

type Act = Box<dyn FnOnce() + Send>;

/// What becomes of the transaction that something is done before.
pub enum Then {
    /// It goes on.
    GoesOn,
    /// It reaches Consul, and nobody hears the answer.
    IsNotAnswered,
}

/// Passes everything on to Consul. Before the first transaction of those that come, something is done.
pub fn between(port: u16, act: impl FnOnce() + Send + 'static, then: Then) -> String {
    before_transaction(port, 1, act, then)
}

/// The same before another one than the first: they are counted from 1 on.
pub fn before_transaction(port: u16, number: usize, act: impl FnOnce() + Send + 'static, then: Then) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let own = listener.local_addr().unwrap().port();
    let planned = Arc::new(Planned { left: AtomicUsize::new(number), act: Mutex::new(Some((Box::new(act), then))) });
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let planned = Arc::clone(&planned);
            thread::spawn(move || pass(client, port, &planned));
        }
    });
    format!("http://127.0.0.1:{own}")
}

/// What is done before which of the transactions that come.
struct Planned {
    left: AtomicUsize,
    act: Mutex<Option<(Act, Then)>>,
}

fn pass(mut client: TcpStream, port: u16, planned: &Planned) -> Option<()> {
    let mut server = TcpStream::connect(("127.0.0.1", port)).ok()?;
    let (mut answers, mut to_client) = (server.try_clone().ok()?, client.try_clone().ok()?);
    let muted = Arc::new(Mutex::new(false));
    let is_muted = Arc::clone(&muted);
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(read @ 1..) = answers.read(&mut buffer) {
            if *is_muted.lock().unwrap() {
                break;
            }
            if to_client.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        to_client.shutdown(Shutdown::Both).ok();
    });
    let mut buffer = [0; 65536];
    while let Ok(read @ 1..) = client.read(&mut buffer) {
        if buffer.starts_with(b"PUT /v1/txn")
            && planned.left.fetch_sub(1, Ordering::SeqCst) == 1
            && let Some((act, then)) = planned.act.lock().unwrap().take()
        {
            act();
            *muted.lock().unwrap() = matches!(then, Then::IsNotAnswered);
        }
        server.write_all(&buffer[..read]).ok()?;
    }
    // A server that hears nothing more answers nothing more either.
    server.shutdown(Shutdown::Write).ok()
}
