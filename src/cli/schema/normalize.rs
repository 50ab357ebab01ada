use std::path::PathBuf;

use super::files::{TYPES, format_of, invalid_file, read};
use crate::cli::args::{Global, words};
use crate::cli::error::{CommandError, Exit};
use crate::cli::output;
use crate::diag::Findings;
use crate::render::findings::FindingsView;
use crate::schema::{SchemaFormat, normal};
use crate::source::Sources;

/// Options of `schema normalize`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The schema
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Its format; by default what the extension of the file says
    #[arg(long = "type", value_name = "TYPE", ignore_case = true, value_parser = words(TYPES))]
    schema_type: Option<SchemaFormat>,

    /// Write to this file, which may be the schema's own, instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Prints a schema in its normal form.
pub fn run(global: &Global, args: &Args) -> Result<Exit, CommandError> {
    let format = format_of(args.schema_type, &args.file)?;
    let text = read(&args.file)?;
    match normal(format, &text) {
        Ok(normal) => {
            match &args.output {
                Some(path) => output::file(path, normal.as_bytes())?,
                None => output::data(&normal)?,
            }
            Ok(Exit::Done)
        }
        Err(error) => {
            let mut sources = Sources::default();
            let file = sources.add(&args.file, text);
            let findings = Findings::listed([invalid_file(&sources, (file, format), &error, &[])], &sources);
            output::view_beside_data(&FindingsView { findings: &findings, sources: &sources }, global);
            Ok(Exit::Findings)
        }
    }
}
