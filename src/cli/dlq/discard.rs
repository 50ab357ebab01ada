use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use uuid::Uuid;

use super::filter::FilterArgs;
use super::queue::OpenQueue;
use super::settling::Settling;
use crate::cli::args::{ClusterArg, FormatArg, Global, TimeoutArg};
use crate::cli::context::now;
use crate::cli::error::{CommandError, Exit};
use crate::dlq::settle::{Limits, Work};
use crate::dlq::{Export, ExportHead, ExportedRecord};
use crate::model::TopicName;
use crate::ports::records::Record;
use crate::ports::{Failure, FailureKind};

/// Options of `dlq discard`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The dead-letter topic
    topic: TopicName,

    #[command(flatten)]
    cluster: ClusterArg,

    #[command(flatten)]
    timeout: TimeoutArg,

    #[command(flatten)]
    filter: FilterArgs,

    /// Give them up; without it nothing is done, and it is shown what would be
    #[arg(short, long)]
    yes: bool,

    /// Why, for the ledger
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,

    /// The file that they are exported to before, which must not be there; `busctl dlq restore` takes it back
    #[arg(long, value_name = "FILE")]
    export: PathBuf,

    /// Give up at most so many
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    max: Option<u64>,

    #[command(flatten)]
    format: FormatArg,
}

fn reason(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("say why: whoever looks at the ledger later wants to know".to_owned()),
        text => Ok(text.to_owned()),
    }
}

/// Says what would be given up, and gives it up where that is wanted.
pub async fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let filter = args.filter.filter(now())?;
    let open = OpenQueue::open(&args.topic, &args.cluster, args.timeout.timeout).await?;
    let filter = open.filtered(filter);
    let mut export = |run: Uuid| {
        let head = ExportHead::new(&open.queue.topic, open.id, run);
        let export = FileExport::create(&args.export, &head);
        export.map(|export| Box::new(export) as Box<dyn Export>).map_err(|error| not_created(&args.export, &error))
    };
    let settling = Settling {
        open: &open,
        filter: &filter,
        given: args.filter.as_given(),
        work: Work::Discard,
        limits: Limits { max: args.max, rate: None },
        yes: args.yes,
        reason: Some(args.reason.clone()),
    };
    settling.carry_out(Some(&mut export), args.format.format, global)
}

fn not_created(path: &std::path::Path, error: &io::Error) -> CommandError {
    let created = CommandError::system(format!("could not create {}: {error}; nothing was given up", path.display()));
    match error.kind() {
        io::ErrorKind::AlreadyExists => created.hint("name another file: an export never takes the place of one"),
        _ => created,
    }
}

/// A file that records are exported to, which nobody else may read.
struct FileExport {
    path: PathBuf,
    name: String,
    file: BufWriter<File>,
}

impl FileExport {
    fn create(path: &std::path::Path, head: &ExportHead) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        let name =
            path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
        let mut export = Self { path: path.to_owned(), name, file: BufWriter::new(file) };
        export.line(head)?;
        // The file's own entry in its folder is kept too.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(std::path::Path::new(".")))?.sync_all()?;
        Ok(export)
    }

    fn line(&mut self, line: &impl serde::Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.file, line)?;
        self.file.write_all(b"\n")
    }

    fn failed(&self, error: &io::Error) -> Failure {
        Failure {
            kind: FailureKind::Refused,
            tried: "export dead letters".to_owned(),
            server: self.path.display().to_string(),
            answer: error.to_string(),
            hint: Some(
                "what the ledger does not say was given up still waits; make room, and run it again with another file"
                    .to_owned(),
            ),
        }
    }
}

impl Export for FileExport {
    fn name(&self) -> &str {
        &self.name
    }

    fn write(&mut self, letter: &Record<'_>) -> Result<(), Failure> {
        self.line(&ExportedRecord::of(letter)).map_err(|error| self.failed(&error))
    }

    fn sync(&mut self) -> Result<(), Failure> {
        let synced = self.file.flush().and_then(|()| self.file.get_ref().sync_data());
        synced.map_err(|error| self.failed(&error))
    }
}
