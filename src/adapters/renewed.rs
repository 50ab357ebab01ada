//! Secrets that are read again while the tool runs. Whoever needs them never waits long for where they are kept: a Vault that
//! hangs must not stop work whose certificates are good.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::ports::connection::Renew;

/// How long secrets that were read are taken for those that are kept.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// The part of a connection's timeout that a look is waited for: the rest is for the server.
const PART: u32 = 10;

/// The longest that a look is waited for.
const LONGEST: Duration = Duration::from_secs(2);

/// A connection with its secrets as they are now.
pub struct Renewed<C> {
    kept: Arc<Mutex<Kept<C>>>,
    renew: Option<Arc<dyn Renew<C>>>,
    patience: Duration,
}

struct Kept<C> {
    last: Arc<C>,
    /// When it was last read, or tried to.
    looked: Instant,
    look: Option<Look>,
}

/// A look at where the secrets are kept.
#[derive(Clone)]
struct Look {
    task: AbortHandle,
    done: Shared<BoxFuture<'static, ()>>,
    /// Until when it is waited for.
    until: Instant,
}

impl<C> Kept<C> {
    fn of(kept: &Mutex<Self>) -> MutexGuard<'_, Self> {
        kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: PartialEq + Send + Sync + 'static> Renewed<C> {
    /// A connection as it was just read. `timeout` is what its server may take to answer.
    pub fn new(read: C, renew: Option<Arc<dyn Renew<C>>>, timeout: Duration) -> Self {
        let kept = Kept { last: Arc::new(read), looked: Instant::now(), look: None };
        Self { kept: Arc::new(Mutex::new(kept)), renew, patience: (timeout / PART).min(LONGEST) }
    }

    /// The same, read again by this.
    pub fn renewed_by(self, renew: Arc<dyn Renew<C>>) -> Self {
        Self { renew: Some(renew), ..self }
    }

    /// The connection as it was read last.
    pub fn last(&self) -> Arc<C> {
        Kept::of(&self.kept).last.clone()
    }

    /// The connection for whoever connects now. What cannot be read again in a moment is used as it was: it may be good still,
    /// and where it is not, the server says so.
    pub async fn now(&self) -> Arc<C> {
        self.looked_at_within(LOOK_AGAIN).await
    }

    /// The same, read again even where that is not long ago: what was read last is no good.
    pub async fn anew(&self) -> Arc<C> {
        self.looked_at_within(Duration::ZERO).await
    }

    async fn looked_at_within(&self, age: Duration) -> Arc<C> {
        if let Some(look) = self.look(age) {
            // It goes on where it takes longer: what it reads is for whoever asks then.
            let _ = tokio::time::timeout_at(look.until, look.done).await;
        }
        self.last()
    }

    /// The look that goes on now, or a new one where the last is not of this age.
    fn look(&self, age: Duration) -> Option<Look> {
        let renew = self.renew.as_ref()?;
        let mut kept = Kept::of(&self.kept);
        if let Some(look) = kept.look.as_ref().filter(|look| !look.task.is_finished()) {
            return Some(look.clone());
        }
        if kept.looked.elapsed() < age {
            return None;
        }
        kept.looked = Instant::now();
        let (renew, into) = (renew.clone(), self.kept.clone());
        let task = tokio::spawn(async move {
            let read = renew.renew().await;
            let mut kept = Kept::of(&into);
            kept.looked = Instant::now();
            if let Ok(read) = read
                && *kept.last != read
            {
                kept.last = Arc::new(read);
            }
        });
        let look = Look {
            task: task.abort_handle(),
            // A panic there is printed where it happens.
            done: task.map(drop).boxed().shared(),
            until: kept.looked + self.patience,
        };
        kept.look = Some(look.clone());
        Some(look)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::Semaphore;

    use super::*;
    use crate::ports::Failure;

    /// Secrets behind a door: each look is counted, and waits until it is let in.
    struct Store {
        looks: AtomicUsize,
        door: Semaphore,
    }

    impl Renew<usize> for Arc<Store> {
        fn renew(&self) -> BoxFuture<'_, Result<usize, Failure>> {
            async {
                let look = self.looks.fetch_add(1, Ordering::AcqRel) + 1;
                self.door.acquire().await.expect("it is never closed").forget();
                Ok(look)
            }
            .boxed()
        }
    }

    fn renewed(open: usize) -> (Arc<Store>, Renewed<usize>) {
        let kept = Arc::new(Store { looks: AtomicUsize::new(0), door: Semaphore::new(open) });
        let renewed = Renewed::new(0, None, Duration::from_millis(200));
        (kept.clone(), renewed.renewed_by(Arc::new(kept)))
    }

    #[tokio::test]
    async fn what_was_just_read_is_not_read_again_unless_it_is_no_good() {
        let (kept, renewed) = renewed(9);
        assert_eq!(*renewed.now().await, 0);
        assert_eq!(*renewed.anew().await, 1);
        assert_eq!(*renewed.now().await, 1);
        assert_eq!(kept.looks.load(Ordering::Acquire), 1);
    }

    #[tokio::test]
    async fn a_look_that_hangs_is_waited_for_once_and_what_it_reads_counts_when_it_is_there() {
        let (kept, renewed) = renewed(0);
        let (first, second) = tokio::join!(renewed.anew(), renewed.anew());
        assert_eq!((*first, *second, *renewed.anew().await), (0, 0, 0));
        assert_eq!(kept.looks.load(Ordering::Acquire), 1);
        kept.door.add_permits(1);
        while *renewed.last() == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(*renewed.now().await, 1);
    }
}
