//! The README's program is the one that is compiled and run.

use std::path::Path;

#[test]
fn readme_shows_the_files_of_the_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect(path);
    let readme = read("README.md");
    for (path, language) in
        [("examples/counter/engine/src/lib.rs", "rust"), ("examples/counter/app/Main.hs", "haskell")]
    {
        let shown = format!("`{path}`\n\n```{language}\n{}```\n", read(path));
        assert!(readme.contains(&shown), "README.md shows another text of {path}");
    }
    let generated = "examples/counter/src/Counter.hs";
    let module = read(generated);
    let (_, shown) = readme.split_once(&format!("`{generated}`, in short\n\n```haskell\n")).expect("the signatures");
    let (shown, _) = shown.split_once("```").expect("their end");
    for line in shown.lines() {
        assert!(module.lines().any(|other| other == line), "{generated} has no line: {line}");
    }
}
