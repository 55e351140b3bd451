//! The command that writes, or checks, the Haskell modules of an engine.

use clap::Parser;
use rs_in_hs_generate::{Module, engine, generate, library};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Writes a Haskell module for each service in an engine's library.
#[derive(Parser)]
#[command(name = "rs-in-hs-generate", version)]
struct Options {
    /// The engine's Cargo.toml, to build it first, or its cdylib, such as target/release/libmy_engine.so
    engine: PathBuf,
    /// The folder of Haskell sources to write to
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// What the modules' names begin with, such as My.Engine
    #[arg(long, value_name = "PREFIX", default_value = "")]
    prefix: String,
    /// Write nothing; fail if a module is not what would be written
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("rs-in-hs-generate: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all is well.
fn run(options: &Options) -> Result<bool, Box<dyn Error>> {
    let is_manifest = options.engine.extension().is_some_and(|end| end == "toml");
    let library = if is_manifest { &engine::build(&options.engine)? } else { &options.engine };
    let modules = generate(&library::services(library)?, &options.prefix)?;
    let mut fresh = true;
    for module in &modules {
        let path = options.out.join(module.path());
        let found = fs::read_to_string(&path).unwrap_or_default();
        match (found == module.source, options.check) {
            (true, _) => println!("{} is up to date", path.display()),
            (false, true) => {
                eprintln!("{} is stale: generate it again{}", path.display(), first_difference(&found, module));
                fresh = false;
            }
            (false, false) => {
                write(&path, &module.source).map_err(|why| format!("cannot write {}: {why}", path.display()))?;
                println!("wrote {}", path.display());
            }
        }
    }
    Ok(fresh)
}

fn write(path: &Path, source: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, source)
}

fn first_difference(found: &str, module: &Module) -> String {
    let lines = found.lines().zip(module.source.lines()).zip(1..);
    match lines.into_iter().find(|((found, wanted), _)| found != wanted) {
        Some(((found, wanted), number)) => format!("\n  line {number} is: {found}\n  would be:   {wanted}"),
        None if found.is_empty() => " (there is none)".into(),
        None => " (it ends elsewhere)".into(),
    }
}
