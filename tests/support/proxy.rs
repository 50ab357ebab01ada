//! A proxy in front of a broker that knows which request passes, so that a test can act between two of them.
//!
//! A timer would act at another moment on every machine. Here the moment is a request: the first one of a kind is held
//! back until the test has done what it wants to do before the broker sees it, or it ends every connection for good.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// Kafka's numbers of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Produce.
    Produce = 0,
    /// CreateTopics.
    CreateTopics = 19,
    /// AddPartitionsToTxn.
    AddPartitionsToTxn = 24,
    /// EndTxn.
    EndTxn = 26,
    /// DescribeAcls.
    DescribeAcls = 29,
    /// CreateAcls.
    CreateAcls = 30,
    /// DeleteAcls.
    DeleteAcls = 31,
    /// DescribeConfigs.
    DescribeConfigs = 32,
    /// CreatePartitions.
    CreatePartitions = 37,
    /// IncrementalAlterConfigs.
    AlterConfigs = 44,
}

/// What happens at the request that is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It is held back until [`Proxy::go_on`].
    Hold,
    /// It does not arrive, and nothing does from then on: every connection ends and none is taken.
    Cut,
    /// It arrives, and the answer is held back for good: so is every later one.
    Mute,
    /// It arrives, and half of the next answer comes back before the connection ends.
    Truncate,
    /// It arrives, and every answer takes long from then on.
    Delay,
}

/// How long an answer takes that is delayed.
const DELAY: Duration = Duration::from_millis(150);

#[derive(Default)]
struct State {
    trap: Option<(Request, Then)>,
    reached: bool,
    held: bool,
    cut: bool,
    mute: bool,
    truncate: bool,
    delay: bool,
    open: Vec<TcpStream>,
}

/// A proxy on a port of 127.0.0.1.
pub struct Proxy {
    /// Where it listens.
    pub port: u16,
    shared: Arc<(Mutex<State>, Condvar)>,
}

impl Proxy {
    /// Listens on this port and passes everything on to the broker at `target`.
    pub fn start(port: u16, target: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let shared = Arc::new((Mutex::new(State::default()), Condvar::new()));
        let seen = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(broker) = TcpStream::connect(("127.0.0.1", target)) else { continue };
                let mut state = lock(&seen.0);
                if state.cut {
                    continue;
                }
                state.open.extend([client.try_clone().unwrap(), broker.try_clone().unwrap()]);
                drop(state);
                let (from, to) = (client.try_clone().unwrap(), broker.try_clone().unwrap());
                let watched = Arc::clone(&seen);
                thread::spawn(move || requests(from, to, &watched));
                let watched = Arc::clone(&seen);
                thread::spawn(move || answers(broker, client, &watched));
            }
        });
        Self { port, shared }
    }

    /// Acts at the next request of this kind.
    pub fn at(&self, request: Request, then: Then) {
        lock(&self.shared.0).trap = Some((request, then));
    }

    /// Waits until that request has come.
    #[track_caller]
    pub fn wait_until_reached(&self) {
        let waiting =
            self.shared.1.wait_timeout_while(lock(&self.shared.0), Duration::from_secs(60), |state| !state.reached);
        let (_state, time) = waiting.unwrap_or_else(PoisonError::into_inner);
        assert!(!time.timed_out(), "the request never came");
    }

    /// Whether that request has come.
    pub fn was_reached(&self) -> bool {
        lock(&self.shared.0).reached
    }

    /// Lets the request that is held back pass.
    pub fn go_on(&self) {
        lock(&self.shared.0).held = false;
        self.shared.1.notify_all();
    }

    /// Works again as if nothing had happened.
    pub fn mend(&self) {
        let mut state = lock(&self.shared.0);
        close(&mut state);
        *state = State::default();
        self.shared.1.notify_all();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

fn close(state: &mut State) {
    for stream in state.open.drain(..) {
        let _ = stream.shutdown(Shutdown::Both);
    }
}

/// Passes requests on, each as a whole: four bytes of length, two of the kind, the rest.
fn requests(mut client: TcpStream, mut broker: TcpStream, shared: &(Mutex<State>, Condvar)) {
    let mut length = [0; 4];
    while client.read_exact(&mut length).is_ok() {
        let mut frame = vec![0; u32::from_be_bytes(length) as usize];
        if client.read_exact(&mut frame).is_err() || !pass(&frame, shared) {
            break;
        }
        if broker.write_all(&length).and_then(|()| broker.write_all(&frame)).is_err() {
            break;
        }
    }
    let _ = broker.shutdown(Shutdown::Both);
}

/// Whether the request may go on to the broker.
fn pass(frame: &[u8], shared: &(Mutex<State>, Condvar)) -> bool {
    let kind = frame.first_chunk::<2>().map(|bytes| u16::from_be_bytes(*bytes));
    let mut state = lock(&shared.0);
    if let Some((request, then)) = state.trap
        && kind == Some(request as u16)
    {
        state.trap = None;
        state.reached = true;
        match then {
            Then::Hold => state.held = true,
            Then::Mute => state.mute = true,
            Then::Truncate => state.truncate = true,
            Then::Delay => state.delay = true,
            Then::Cut => {
                state.cut = true;
                close(&mut state);
            }
        }
        shared.1.notify_all();
        let held = shared.1.wait_while(state, |state| state.held);
        state = held.unwrap_or_else(PoisonError::into_inner);
    }
    !state.cut
}

fn answers(mut broker: TcpStream, mut client: TcpStream, shared: &(Mutex<State>, Condvar)) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = broker.read(&mut buffer) {
        let mut state = lock(&shared.0);
        let (mute, delay) = (state.mute, state.delay);
        let truncate = std::mem::take(&mut state.truncate);
        drop(state);
        if delay {
            thread::sleep(DELAY);
        }
        let passed = if truncate { read / 2 } else { read };
        if !mute && client.write_all(&buffer[..passed]).is_err() || truncate {
            break;
        }
    }
    let _ = broker.shutdown(Shutdown::Both);
    let _ = client.shutdown(Shutdown::Both);
}
