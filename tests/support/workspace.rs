//! Small workspaces in temporary folders, and runs of the program in them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::secrets::Watch;

/// No run takes so long: one that does hangs.
const HANGS: Duration = Duration::from_secs(100);

/// A workspace of one test.
pub struct Scratch {
    folder: tempfile::TempDir,
}

/// How a run of the program ended.
#[derive(Debug)]
pub struct Run {
    /// Its exit code; none where a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub out: String,
    /// What it wrote to standard error.
    pub err: String,
}

/// A run that is under way.
pub struct Running {
    child: Owned,
    what: String,
    out: JoinHandle<()>,
    err: JoinHandle<()>,
    written: [Arc<Mutex<Vec<u8>>>; 2],
    watch: Watch,
}

/// A child that does not outlive its test, whatever ends that.
pub struct Owned(pub Child);

impl Drop for Owned {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            self.0.kill().ok();
            self.0.wait().ok();
        }
    }
}

impl Scratch {
    /// A workspace with the least that one needs.
    pub fn new() -> Self {
        let scratch = Self { folder: tempfile::tempdir().unwrap() };
        scratch.write("busctl.yaml", "version: 1\n");
        scratch
    }

    /// A folder with nothing in it.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A workspace with these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let scratch = Self::new();
        for (path, text) in files {
            scratch.write(path, text);
        }
        scratch
    }

    /// Its root.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// The full path of one of its files.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// Writes a file of it.
    pub fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Puts a text of a file in the place of another one that it has.
    pub fn edit(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{path} has no `{old}`:\n{text}");
        self.write(path, text.replace(old, new));
    }

    /// Reads a file of it.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// Deletes a file of it.
    pub fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap();
    }

    /// Runs `git` in it.
    pub fn git(&self, arguments: &[&str]) {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]);
        let done = command.args(arguments).current_dir(self.root()).output().unwrap();
        assert!(done.status.success(), "git {arguments:?}: {done:?}");
    }

    /// Commits everything in it, in a repository of its own with the branch `main`.
    pub fn commit(&self) {
        self.git(&["init", "--quiet", "--initial-branch", "main"]);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "The bus"]);
    }

    /// The program, to be run in this workspace.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = busctl();
        command.args(arguments).current_dir(self.root());
        command
    }

    /// Runs the program in this workspace.
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.start(arguments).wait()
    }

    /// Starts the program in this workspace.
    pub fn start(&self, arguments: &[&str]) -> Running {
        start(self.command(arguments))
    }
}

/// The program, in an environment that says nothing to it.
pub fn busctl() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_busctl"));
    command.env_remove("BUSCTL_CLUSTER").env_remove("NO_COLOR").stdin(Stdio::null());
    for name in ["VAULT_ADDR", "VAULT_TOKEN", "VAULT_NAMESPACE", "VAULT_CACERT"] {
        command.env_remove(name);
    }
    // Tests that run at once share a cluster, and so its lock.
    command.env("BUSCTL_LOCK_TIMEOUT", "90s");
    command
}

/// Starts a command and reads what it writes.
pub fn start(mut command: Command) -> Running {
    let (what, watch) = (format!("{command:?}"), Watch::over(&command));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let written = [Arc::default(), Arc::default()];
    let out = read(child.stdout.take().unwrap(), &written[0]);
    let err = read(child.stderr.take().unwrap(), &written[1]);
    Running { child: Owned(child), what, out, err, written, watch }
}

fn read(mut from: impl Read + Send + 'static, to: &Arc<Mutex<Vec<u8>>>) -> JoinHandle<()> {
    let to = Arc::clone(to);
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            to.lock().unwrap().extend_from_slice(&buffer[..read]);
        }
    })
}

impl Running {
    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.0.try_wait().unwrap().is_some()
    }

    /// Waits for its end. Fails where it has let out a secret.
    #[track_caller]
    pub fn wait(mut self) -> Run {
        let mut status = None;
        self.until("end", |running| {
            status = running.child.0.try_wait().unwrap();
            status.is_some()
        });
        let [out, err] = self.written;
        self.out.join().unwrap();
        self.err.join().unwrap();
        self.watch.check(&[&out.lock().unwrap(), &err.lock().unwrap()]);
        Run { code: status.unwrap().code(), out: text(&out), err: text(&err) }
    }

    /// Waits until it has written a text to standard error.
    pub fn wait_until_it_says(&mut self, part: &str) {
        self.until("say it", |running| text(&running.written[1]).contains(part));
    }

    /// What it has written to standard error so far.
    pub fn said(&self) -> String {
        text(&self.written[1])
    }

    fn until(&mut self, what: &str, mut holds: impl FnMut(&mut Self) -> bool) {
        let deadline = Instant::now() + HANGS;
        while !holds(self) {
            if Instant::now() > deadline {
                self.child.0.kill().unwrap();
                panic!("{} does not {what}\n{}\n{}", self.what, text(&self.written[0]), text(&self.written[1]));
            }
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends it a signal: `INT`, `TERM`, `KILL`.
    pub fn signal(&self, name: &str) {
        signal(self.child.0.id(), name);
    }
}

fn text(bytes: &Mutex<Vec<u8>>) -> String {
    String::from_utf8(bytes.lock().unwrap().clone()).unwrap()
}

/// Sends a signal to a process that the test has started.
pub fn signal(pid: u32, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &pid.to_string()]).status().unwrap();
    assert!(sent.success(), "kill -s {name} {pid}");
}

impl Run {
    /// Fails unless it ended with this code.
    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert!(
            self.code == Some(code),
            "ended with {:?}, not {code}\n--- standard output\n{}\n--- standard error\n{}",
            self.code,
            self.out,
            self.err
        );
        self
    }

    /// Fails unless standard error holds each of these.
    #[track_caller]
    pub fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.err.contains(part), "standard error lacks `{part}`\n{}\n{}", self.err, self.out);
        }
        self
    }

    /// Fails unless standard output holds each of these.
    #[track_caller]
    pub fn shows(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.out.contains(part), "standard output lacks `{part}`\n{}\n{}", self.out, self.err);
        }
        self
    }

    /// Fails where the program crashed instead of saying what is wrong.
    #[track_caller]
    pub fn without_panic(self) -> Self {
        assert!(!self.err.contains("panicked") && self.code.is_some_and(|code| code != 101), "{self:#?}");
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.out, self.err))
    }
}

/// Fails unless a document is valid by a schema of `docs/schemas/`.
#[track_caller]
pub fn assert_valid(schema: &str, document: &Value) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas").join(schema);
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{document:#}");
}
