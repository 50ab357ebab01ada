//! A proxy in front of a broker that knows which request passes, so that a test can act between two of them.
//!
//! A timer would act at another moment on every machine. Here the moment is a request, the first one of a kind or one of
//! this number: it is held back until the test has done what it wants to do before the broker sees it, or it is where
//! connections fail.

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
    /// Fetch.
    Fetch = 1,
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
    /// It does not arrive: its connection ends, and no other does.
    Sever,
    /// It arrives, and the answer is held back for good: so is every later one.
    Mute,
    /// It arrives, and half of its answer comes back before its connection ends. No other does.
    Truncate,
    /// It arrives, and every answer takes long from then on.
    Delay,
    /// It arrives, and its answer and that to every later one of its kind says that it is two GiB long, and goes on.
    Lie,
}

/// How long an answer takes that is delayed.
const DELAY: Duration = Duration::from_millis(150);

/// What is waited for.
struct Trap {
    /// Any request where there is none.
    request: Option<Request>,
    /// So many of them pass before.
    left: usize,
    then: Then,
}

#[derive(Default)]
struct State {
    trap: Option<Trap>,
    seen: usize,
    reached: bool,
    held: bool,
    cut: bool,
    mute: bool,
    delay: bool,
    lies: Option<Request>,
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
                let (watched, spoilt) = (Arc::clone(&seen), Spoilt::default());
                let told = Arc::clone(&spoilt);
                thread::spawn(move || requests(from, to, &watched, &told));
                let watched = Arc::clone(&seen);
                thread::spawn(move || answers(broker, client, &watched, &spoilt));
            }
        });
        Self { port, shared }
    }

    /// Acts at the next request of this kind.
    pub fn at(&self, request: Request, then: Then) {
        self.set(Trap { request: Some(request), left: 0, then });
    }

    /// Acts behind so many further requests, of whatever kind.
    pub fn behind(&self, left: usize, then: Then) {
        self.set(Trap { request: None, left, then });
    }

    fn set(&self, trap: Trap) {
        let mut state = lock(&self.shared.0);
        state.reached = false;
        state.trap = Some(trap);
    }

    /// How many requests have come since it was mended.
    pub fn seen(&self) -> usize {
        lock(&self.shared.0).seen
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

/// The answer of a connection that is not to arrive as a whole, by the number that its request had there.
type Spoilt = Arc<Mutex<Option<[u8; 4]>>>;

/// Passes requests on, each as a whole: four bytes of length, two of the kind, two of its version, four of a number that its
/// answer has too, the rest.
fn requests(mut client: TcpStream, mut broker: TcpStream, shared: &(Mutex<State>, Condvar), spoilt: &Spoilt) {
    while let Some(frame) = read_frame(&mut client) {
        if !pass(&frame, shared, spoilt) || broker.write_all(&frame).is_err() {
            break;
        }
    }
    let _ = broker.shutdown(Shutdown::Both);
}

/// Whether the request may go on to the broker.
fn pass(frame: &[u8], shared: &(Mutex<State>, Condvar), spoilt: &Spoilt) -> bool {
    let kind = bytes_at(frame, 4).map(u16::from_be_bytes);
    let mut state = lock(&shared.0);
    state.seen += 1;
    let is_wanted = |trap: &mut Trap| trap.request.is_none_or(|request| kind == Some(request as u16));
    if let Some(trap) = state.trap.take_if(is_wanted) {
        if trap.left > 0 {
            state.trap = Some(Trap { left: trap.left - 1, ..trap });
            return !state.cut;
        }
        state.reached = true;
        match trap.then {
            Then::Hold => state.held = true,
            Then::Mute => state.mute = true,
            Then::Truncate => *spoilt.lock().unwrap() = bytes_at(frame, 8),
            Then::Delay => state.delay = true,
            Then::Lie => state.lies = trap.request,
            Then::Sever => {}
            Then::Cut => {
                state.cut = true;
                close(&mut state);
            }
        }
        shared.1.notify_all();
        let held = shared.1.wait_while(state, |state| state.held);
        state = held.unwrap_or_else(PoisonError::into_inner);
        if trap.then == Then::Sever {
            return false;
        }
    }
    if state.lies.is_some_and(|request| kind == Some(request as u16)) {
        *spoilt.lock().unwrap() = bytes_at(frame, 8);
    }
    !state.cut
}

/// Passes answers back, each as a whole: four bytes of length, four of the number that its request had, the rest.
fn answers(mut broker: TcpStream, mut client: TcpStream, shared: &(Mutex<State>, Condvar), spoilt: &Spoilt) {
    while let Some(frame) = read_frame(&mut broker) {
        let (mute, delay, lies) = {
            let state = lock(&shared.0);
            (state.mute, state.delay, state.lies.is_some())
        };
        if delay {
            thread::sleep(DELAY);
        }
        let number = bytes_at(&frame, 4);
        let truncate = number.is_some() && *spoilt.lock().unwrap() == number;
        if truncate && lies {
            let mut more = client.write_all(&i32::MAX.to_be_bytes());
            while more.is_ok() {
                more = client.write_all(&[0; 65536]);
            }
            break;
        }
        let passed = if truncate { frame.len() / 2 } else { frame.len() };
        if !mute && client.write_all(&frame[..passed]).is_err() || truncate {
            break;
        }
    }
    let _ = broker.shutdown(Shutdown::Both);
    let _ = client.shutdown(Shutdown::Both);
}

fn bytes_at<const N: usize>(frame: &[u8], place: usize) -> Option<[u8; N]> {
    frame.get(place..)?.first_chunk().copied()
}

/// Reads four bytes of length, and what they announce.
fn read_frame(from: &mut TcpStream) -> Option<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length).ok()?;
    let mut frame = length.to_vec();
    frame.resize(4 + u32::from_be_bytes(length) as usize, 0);
    from.read_exact(&mut frame[4..]).ok()?;
    Some(frame)
}
