//! The program in front of a terminal, which `script` of util-linux makes.

use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::secrets::Watch;
use super::workspace::{Owned, Scratch};

/// A run of the program whose input, output and errors are one terminal.
pub struct Terminal {
    child: Owned,
    keyboard: ChildStdin,
    screen: Receiver<Vec<u8>>,
    shown: String,
    watch: Watch,
}

/// Rows and columns of a screen.
const SCREEN: (NonZeroU16, NonZeroU16) = (NonZeroU16::new(40).unwrap(), NonZeroU16::new(140).unwrap());

/// What a terminal sends for Ctrl-C.
pub const CTRL_C: &str = "\x03";

impl Terminal {
    /// Starts the program in a workspace.
    pub fn start(scratch: &Scratch, arguments: &[&str]) -> Self {
        Self::start_after(scratch, "", arguments)
    }

    /// Starts the program in front of a screen of this size.
    pub fn start_on_screen(scratch: &Scratch, arguments: &[&str]) -> Self {
        let (rows, columns) = SCREEN;
        Self::start_after(scratch, &format!("stty rows {rows} cols {columns}; "), arguments)
    }

    fn start_after(scratch: &Scratch, before: &str, arguments: &[&str]) -> Self {
        let mut line = shell_word(env!("CARGO_BIN_EXE_busctl"));
        for argument in arguments {
            line.push(' ');
            line.push_str(&shell_word(argument));
        }
        let mut command = Command::new("script");
        command
            .args(["--quiet", "--return", "--flush", "--command", &format!("{before}exec {line}"), "/dev/null"])
            .current_dir(scratch.root())
            .env("TERM", "xterm")
            .env_remove("BUSCTL_CLUSTER")
            .env_remove("NO_COLOR")
            .env("BUSCTL_LOCK_TIMEOUT", "90s")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let watch = Watch::over(&command);
        let mut child = command.spawn().unwrap();
        let (sender, screen) = channel::<Vec<u8>>();
        let (keyboard, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = output.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child: Owned(child), keyboard, screen, shown: String::new(), watch }
    }

    /// Waits until the screen has shown a text.
    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while !self.shown.contains(text) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.screen.recv_timeout(left) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("the terminal never showed `{text}`:\n{}", self.shown),
            }
        }
    }

    /// What stands on the screen now, when it holds what was waited for.
    #[track_caller]
    pub fn wait_for_screen(&mut self, is_meant: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let (rows, columns) = SCREEN;
            let mut screen = vt100::Parser::new(rows, columns, 0);
            screen.process(self.shown.as_bytes());
            let contents = screen.screen().contents();
            if is_meant(&contents) {
                return contents;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.screen.recv_timeout(left) {
                Ok(bytes) => self.shown.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("the screen never showed it:\n{contents}"),
            }
        }
    }

    /// Waits until a text stands on the screen.
    #[track_caller]
    pub fn wait_until_screen_has(&mut self, text: &str) -> String {
        self.wait_for_screen(|screen| screen.contains(text))
    }

    /// Sends the program a signal.
    pub fn signal(&self, name: &str) {
        // It has the place of the shell that `script` has started.
        let children = format!("/proc/{0}/task/{0}/children", self.child.0.id());
        let pid = std::fs::read_to_string(children).unwrap().trim().parse().unwrap();
        super::workspace::signal(pid, name);
    }

    /// Types something.
    pub fn types(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
        self.keyboard.flush().unwrap();
    }

    /// Waits for the end; the exit code and everything that was shown.
    pub fn wait(mut self) -> (i32, String) {
        // The keyboard stays: its end would be typed as one.
        while let Ok(bytes) = self.screen.recv_timeout(Duration::from_secs(60)) {
            self.shown.push_str(&String::from_utf8_lossy(&bytes));
        }
        let code = self.child.0.wait().unwrap().code().unwrap();
        self.watch.check(&[self.shown.as_bytes()]);
        (code, self.shown)
    }
}

fn shell_word(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}
