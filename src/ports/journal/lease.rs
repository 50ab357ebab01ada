use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// How long the holder of the lock may rely on having it. It is cheap to copy, and every copy tells the same.
///
/// It is prolonged by nothing but a committed transaction, and counts from before that transaction was begun. Whoever
/// takes the lock over fences the transactional id first and then lets the length of a lease pass since the holder's
/// last commit, unless that one gave the lock back. So no two leases hold at one moment, whatever was suspended or cut
/// off, as long as clocks run at about one speed.
#[derive(Debug, Clone)]
pub struct Lease(Arc<State>);

#[derive(Debug)]
struct State {
    /// Milliseconds of the clock below.
    deadline: AtomicU64,
    ended: AtomicBool,
}

/// A clock that runs on while the process is stopped and while the machine sleeps. `Instant` stands still in the latter
/// case: a laptop that is opened again would still believe in its lock.
fn now() -> u64 {
    #[cfg(target_os = "linux")]
    const CLOCK: ClockId = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    const CLOCK: ClockId = ClockId::Monotonic;
    let time = clock_gettime(CLOCK);
    time.tv_sec as u64 * 1_000 + time.tv_nsec as u64 / 1_000_000
}

/// A moment that a lease can be counted from.
#[derive(Debug, Clone, Copy)]
pub struct Moment(u64);

impl Moment {
    /// This one.
    pub fn now() -> Self {
        Self(now())
    }
}

impl Lease {
    /// A lease that holds for this long from a moment on.
    pub fn new(from: Moment, length: Duration) -> Self {
        let lease = Self(Arc::new(State { deadline: AtomicU64::new(0), ended: AtomicBool::new(false) }));
        lease.prolong(from, length);
        lease
    }

    /// Whether the lock is held for certain.
    pub fn holds(&self) -> bool {
        !self.0.ended.load(Ordering::Acquire) && now() < self.0.deadline.load(Ordering::Acquire)
    }

    /// Whether it holds, after it was prolonged where it has run out for a while.
    pub async fn holds_within(&self, limit: Duration) -> bool {
        let asked = now();
        while !self.holds() {
            if self.has_ended() || now().saturating_sub(asked) >= limit.as_millis() as u64 {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        true
    }

    /// Lets it hold for this long from a moment on, if it does not hold for longer already.
    pub fn prolong(&self, from: Moment, length: Duration) {
        self.0.deadline.fetch_max(from.0 + length.as_millis() as u64, Ordering::AcqRel);
    }

    /// Whether it was ended, and never holds again.
    pub fn has_ended(&self) -> bool {
        self.0.ended.load(Ordering::Acquire)
    }

    /// Ends it for ever: the lock was lost or given back.
    pub fn end(&self) {
        self.0.ended.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_until_its_deadline_and_never_after_its_end() {
        let now = Moment::now();
        let lease = Lease::new(now, Duration::from_secs(3600));
        assert!(lease.holds() && lease.clone().holds());
        lease.clone().end();
        lease.prolong(now, Duration::from_secs(7200));
        assert!(!lease.holds());
        assert!(!Lease::new(Moment(0), Duration::from_millis(1)).holds());
    }

    #[test]
    fn an_older_commit_does_not_shorten_it() {
        let lease = Lease::new(Moment::now(), Duration::from_secs(3600));
        lease.prolong(Moment(0), Duration::from_secs(1));
        assert!(lease.holds());
    }
}
