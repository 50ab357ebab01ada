//! A holder of the lock in a process of its own: this test binary, started again.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use busctl::adapters::kafka::{KafkaClient, KafkaHeldJournal};
use busctl::ports::journal::{HeldJournal, Journal, LockFailure, RecordFailure};

use crate::bus::{self, Bus, holder, intent, journal};

/// What stands before each line that is an answer; the test harness prints others.
const ANSWER: &str = "@@";

const ADDRESS: &str = "BUSCTL_TEST_BOOTSTRAP";
const PASSWORD: &str = "BUSCTL_TEST_PASSWORD";
const APPLY: &str = "BUSCTL_TEST_APPLY";

/// The process. It is killed when this is dropped.
pub struct Process {
    child: Child,
    commands: ChildStdin,
    answers: Receiver<String>,
}

impl Process {
    /// Starts one. It does nothing yet.
    pub fn start(bus: &Bus, apply_id: &str) -> Self {
        let connection = bus.connection();
        let Some(busctl::ports::connection::Sasl::Plain(login)) = &connection.sasl else { panic!("a login") };
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child::process", "--nocapture"])
            .env(ADDRESS, &connection.bootstrap[0])
            .env(PASSWORD, login.password.expose())
            .env(APPLY, apply_id)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let commands = child.stdin.take().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, answers) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // The harness writes the test's name before the first line.
                if let Some((_, answer)) = line.split_once(ANSWER)
                    && sender.send(answer.to_owned()).is_err()
                {
                    return;
                }
            }
        });
        Self { child, commands, answers }
    }

    /// Tells it to do something.
    pub fn tell(&mut self, command: &str) {
        writeln!(self.commands, "{command}").unwrap();
    }

    /// What it says next.
    pub fn answer(&self) -> String {
        self.answers.recv_timeout(Duration::from_secs(90)).expect("the process answers")
    }

    /// Tells it to do something and waits for what it says.
    pub fn ask(&mut self, command: &str) -> String {
        self.tell(command);
        self.answer()
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().unwrap();
        assert!(status.success(), "kill -{name}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process itself, which does what it is told line by line. Among the other tests it has nobody to listen to.
#[tokio::test(flavor = "multi_thread")]
async fn process() {
    let (Ok(bootstrap), Ok(password), Ok(apply)) =
        (std::env::var(ADDRESS), std::env::var(PASSWORD), std::env::var(APPLY))
    else {
        return;
    };
    let client = KafkaClient::connect(bus::connection(&bootstrap, busctl::localbus::ADMIN, &password)).await.unwrap();
    let mut held: Option<KafkaHeldJournal> = None;
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let (command, argument) = line.split_once(' ').unwrap_or((&line, ""));
        let answer = match (command, &held) {
            ("acquire", _) => {
                let wait = Duration::from_millis(argument.parse().unwrap());
                match journal(&client).acquire(&holder(&apply), wait).await {
                    Ok(journal) => {
                        held = Some(journal);
                        "held".to_owned()
                    }
                    Err(LockFailure::Held(by)) => format!("held by {}", by.map(|by| by.apply_id).unwrap_or_default()),
                    Err(LockFailure::Failed(failure)) => format!("failed: {failure}"),
                }
            }
            ("intent", Some(held)) => said(held.record(&[intent(&apply, argument)], &[]).await),
            ("flood", Some(held)) => {
                let count: usize = argument.parse().unwrap();
                let events: Vec<_> = (0..count).map(|number| intent(&apply, &format!("flood.{number}"))).collect();
                said(held.record(&events, &[]).await)
            }
            ("holds", Some(held)) => held.lease().holds().to_string(),
            ("release", _) => match held.take().unwrap().release().await {
                Ok(()) => "released".to_owned(),
                Err(failure) => format!("failed: {failure}"),
            },
            _ => panic!("`{line}` cannot be done"),
        };
        println!("{ANSWER}{answer}");
    }
}

fn said(recorded: Result<(), RecordFailure>) -> String {
    match recorded {
        Ok(()) => "recorded".to_owned(),
        Err(RecordFailure::Fenced(_)) => "fenced".to_owned(),
        Err(RecordFailure::Failed(failure)) => format!("failed: {failure}"),
    }
}
