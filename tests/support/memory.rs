//! How much memory a program takes.

use std::fs;
use std::thread::JoinHandle;
use std::time::Duration;

/// How often it is looked at. The kernel keeps the most that there was, so that only what comes after the last look is missed.
const EVERY: Duration = Duration::from_millis(2);

/// The most memory that a running program has had. What the kernel tells of a program that has ended is of no use here: it counts
/// what the program that started it had at that moment.
pub struct Peak(JoinHandle<u64>);

impl Peak {
    /// Looks at a program from now on, until it ends.
    pub fn of(pid: u32) -> Self {
        // A thread may begin only once a short program has ended.
        let first = peak(pid).unwrap_or_default();
        Self(std::thread::spawn(move || {
            let mut most = first;
            while let Some(now) = peak(pid) {
                most = now;
                std::thread::sleep(EVERY);
            }
            most
        }))
    }

    /// The most that it had, in bytes. It waits for its end.
    pub fn bytes(self) -> u64 {
        let most = self.0.join().unwrap();
        assert!(most > 0, "how much memory it took could not be seen");
        most
    }
}

/// Its high-water mark; none once it has ended. Before it runs, what runs is a copy of this program.
fn peak(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}
