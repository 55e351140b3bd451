//! The command, with whatever a user can get wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder of this test's own, and an engine in it.
struct Scene {
    folder: PathBuf,
    library: PathBuf,
}

const ENGINE: &str = "service Greeter\n/// Greets.\ncall greet(name: String) -> String\n";

impl Scene {
    /// With an engine whose services are this text.
    fn with(name: &str, services: &str) -> Self {
        let body = format!("c{services:?}.as_ptr()");
        Self::of_code(
            name,
            &format!("#[unsafe(no_mangle)] pub extern \"C\" fn h2r_services() -> *const std::ffi::c_char {{ {body} }}"),
        )
    }

    /// With a library of this code.
    fn of_code(name: &str, code: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("engine.rs"), code).expect("a file");
        let rustc = std::env::var_os("RUSTC").unwrap_or("rustc".into());
        let library = format!("{}engine{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
        let built = Command::new(rustc)
            .args(["--edition", "2024", "--crate-type", "cdylib", "engine.rs", "-o", &library])
            .current_dir(&folder)
            .status();
        assert!(built.expect("rustc runs").success());
        Scene { folder, library: library.into() }
    }

    /// Runs the command there: whether it succeeds, and what it says.
    fn run(&self, arguments: &[&str]) -> (bool, String) {
        let library = Path::new(".").join(&self.library);
        let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_rs-in-hs-generate"))
            .arg(library)
            .args(["--out", "src"])
            .args(arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .output()
            .expect("the command runs");
        (status.success(), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
    }

    fn read(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.folder.join(path)).ok()
    }
}

fn said(succeeds: bool, text: &str) -> (bool, String) {
    (succeeds, text.into())
}

#[test]
fn modules_are_written_where_they_belong() {
    let scene = Scene::with("written", ENGINE);
    assert_eq!(scene.run(&[]), said(true, "wrote src/Greeter.hs\n"));
    let module = scene.read("src/Greeter.hs").expect("a module");
    assert!(module.contains("\n-- | Greets.\ngreet :: MonadRust m => Text -> m Text\n"), "{module}");
    assert_eq!(scene.run(&[]), said(true, "src/Greeter.hs is up to date\n"));
    assert_eq!(scene.run(&["--prefix", "My.Engine"]), said(true, "wrote src/My/Engine/Greeter.hs\n"));
    let prefixed = scene.read("src/My/Engine/Greeter.hs").expect("a module");
    assert_eq!(prefixed, module.replace("module Greeter", "module My.Engine.Greeter"));
}

#[test]
fn each_service_has_a_module() {
    let scene = Scene::with("several", &format!("{ENGINE}service Counter\ncall count() -> u64\n"));
    assert_eq!(scene.run(&[]), said(true, "wrote src/Greeter.hs\nwrote src/Counter.hs\n"));
}

#[test]
fn check_writes_nothing_and_says_what_is_stale() {
    let scene = Scene::with("checked", ENGINE);
    let stale = |rest: &str| said(false, &format!("src/Greeter.hs is stale: generate it again{rest}\n"));
    assert_eq!(scene.run(&["--check"]), stale(" (there is none)"));
    assert_eq!(scene.read("src/Greeter.hs"), None);

    scene.run(&[]);
    assert_eq!(scene.run(&["--check"]), said(true, "src/Greeter.hs is up to date\n"));

    let module = scene.read("src/Greeter.hs").expect("a module");
    let changed = module.replace("-- | Greets.", "-- | Insults.");
    fs::write(scene.folder.join("src/Greeter.hs"), &changed).expect("a file");
    let number = module.lines().position(|line| line == "-- | Greets.").expect("a line") + 1;
    let expected = format!("\n  line {number} is: -- | Insults.\n  would be:   -- | Greets.");
    assert_eq!(scene.run(&["--check"]), stale(&expected));
    assert_eq!(scene.read("src/Greeter.hs"), Some(changed));

    fs::write(scene.folder.join("src/Greeter.hs"), module.clone() + "-- more\n").expect("a file");
    assert_eq!(scene.run(&["--check"]), stale(" (it ends elsewhere)"));
}

#[test]
fn a_prefix_that_is_none_is_refused() {
    let scene = Scene::with("prefix", ENGINE);
    assert_eq!(
        scene.run(&["--prefix", "my.engine"]),
        said(
            false,
            "rs-in-hs-generate: my.engine cannot begin the name of a Haskell module: write words that begin with \
             capitals, with dots between\n"
        )
    );
    assert!(!scene.folder.join("src").exists());
}

#[test]
fn a_library_that_is_no_engine_is_refused() {
    let scene = Scene::of_code("no_engine", "");
    let library = Path::new(".").join(&scene.library);
    let expected = "is not an engine: it has no symbol h2r_services, which `rs_in_hs::export!` brings";
    assert_eq!(scene.run(&[]), said(false, &format!("rs-in-hs-generate: {} {expected}\n", library.display())));
}

#[test]
fn a_file_that_is_not_there_is_told() {
    let mut scene = Scene::with("missing", ENGINE);
    scene.library = "libmissing.so".into();
    assert_eq!(
        scene.run(&[]),
        said(false, "rs-in-hs-generate: there is no ./libmissing.so: build the engine first, or name its Cargo.toml\n")
    );
    scene.library = "missing/Cargo.toml".into();
    let (succeeds, text) = scene.run(&[]);
    assert!(!succeeds);
    assert!(text.ends_with("rs-in-hs-generate: cargo could not build the crate of ./missing/Cargo.toml\n"), "{text}");
}

#[test]
fn a_file_that_is_no_library_is_told() {
    let mut scene = Scene::with("no_library", ENGINE);
    scene.library = "engine.rs".into();
    let (succeeds, text) = scene.run(&[]);
    assert!(!succeeds);
    let expected =
        "rs-in-hs-generate: ./engine.rs cannot be loaded: it has to be the engine's cdylib, for this machine: ";
    assert!(text.starts_with(expected), "{text}");
}

#[test]
fn what_the_engine_says_itself_is_passed_on() {
    let scene = Scene::with("refused", "refused: a::Hit and b::Hit would both be Hit in Haskell: rename one of them\n");
    assert_eq!(
        scene.run(&[]),
        said(false, "rs-in-hs-generate: a::Hit and b::Hit would both be Hit in Haskell: rename one of them\n")
    );
    let library = scene.library.display();

    let scene = Scene::with("other_version", "service Greeter\nstream greet() -> String\n");
    let expected = "was built with another version of rs-in-hs: line 2 of the schema is not understood: \
                    stream greet() -> String";
    assert_eq!(scene.run(&[]), said(false, &format!("rs-in-hs-generate: ./{library} {expected}\n")));

    let null = "#[unsafe(no_mangle)] pub extern \"C\" fn h2r_services() -> *const u8 { std::ptr::null() }";
    let scene = Scene::of_code("panicked", null);
    let expected = "panicked when it was asked for its services";
    assert_eq!(scene.run(&[]), said(false, &format!("rs-in-hs-generate: ./{library} {expected}\n")));
}

#[test]
fn a_folder_that_cannot_be_written_to_is_told() {
    let scene = Scene::with("unwritable", ENGINE);
    fs::write(scene.folder.join("src"), "a file").expect("a file");
    let (succeeds, text) = scene.run(&[]);
    assert!(!succeeds);
    assert!(text.starts_with("rs-in-hs-generate: cannot write src/Greeter.hs: "), "{text}");
}
