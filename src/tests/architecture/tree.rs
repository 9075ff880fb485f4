//! The files that the compiler reads, from `main.rs` on, and the imports between them.

use std::collections::{BTreeMap, BTreeSet};

use super::reader::{Path, Source, Use};

/// How many names may stand for another name in a row before the reader gives up.
const MOST_STEPS: usize = 16;

/// The modules by their path. `""` is `main.rs`, and `tips::store` is `tips/store.rs`.
pub struct Tree {
    modules: BTreeMap<String, Module>,
}

pub struct Module {
    /// The path of its file under `src/`.
    pub file: String,
    pub source: Source,
}

/// An import: one file uses what another one defines.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    pub from: String,
    pub to: String,
    pub line: usize,
    /// The path as it is written in the code.
    pub written: String,
}

enum Found<'t> {
    /// Something that this module's file defines.
    Item(&'t str),
    /// A module itself. What is used of it shows in the paths that go through it.
    Module,
}

impl Tree {
    /// Reads the tree of `files`, whose keys are their paths under `src/`.
    pub fn read(files: &BTreeMap<String, String>) -> Self {
        let mut tree = Self { modules: BTreeMap::new() };
        tree.add(files, String::new(), "main.rs".to_owned());
        tree
    }

    fn add(&mut self, files: &BTreeMap<String, String>, name: String, file: String) {
        let source = Source::read(&files[&file]);
        for module in &source.modules {
            let child = child(&name, &module.name);
            let stem = child.replace("::", "/");
            let kept = [format!("{stem}.rs"), format!("{stem}/mod.rs")];
            let found = kept.into_iter().find(|kept| files.contains_key(kept));
            let place = || format!("{file}:{}: no file for mod {}", module.line, module.name);
            self.add(files, child, found.unwrap_or_else(|| panic!("{}", place())));
        }
        self.modules.insert(name, Module { file, source });
    }

    pub fn modules(&self) -> impl Iterator<Item = &Module> {
        self.modules.values()
    }

    /// Every import of one file by another. A `pub use` of what the same room defines only passes a name on,
    /// so it is an import only if its file uses the name itself.
    pub fn imports(&self) -> BTreeSet<Import> {
        let mut imports = BTreeSet::new();
        for (name, module) in &self.modules {
            let used = module.source.uses.iter().filter(|item| !self.only_passes_on(name, item));
            for path in used.map(|item| &item.path).chain(&module.source.paths) {
                if let Some(Found::Item(target)) = self.resolve(name, &path.parts, MOST_STEPS) {
                    imports.extend(self.import(name, target, path));
                }
            }
        }
        imports
    }

    fn import(&self, from: &str, to: &str, path: &Path) -> Option<Import> {
        let (from, to) = (&self.modules[from].file, &self.modules[to].file);
        (from != to).then(|| Import {
            from: from.clone(),
            to: to.clone(),
            line: path.line,
            written: path.parts.join("::"),
        })
    }

    fn only_passes_on(&self, module: &str, item: &Use) -> bool {
        let here = &self.modules[module];
        let is_used = item.name.as_ref().is_some_and(|name| here.source.words.contains(name));
        let target = match self.resolve(module, &item.path.parts, MOST_STEPS) {
            Some(Found::Item(target)) => room(&self.modules[target].file),
            Some(Found::Module) | None => return true,
        };
        item.is_public && !is_used && target == room(&here.file)
    }

    /// Finds the module that defines what a path names, seen from the module `from`. `None` if another crate
    /// or the file itself defines it.
    fn resolve(&self, from: &str, parts: &[String], steps: usize) -> Option<Found<'_>> {
        let steps = steps.checked_sub(1)?;
        let (first, rest) = parts.split_first()?;
        match first.as_str() {
            "crate" => self.walk("", rest, steps),
            "self" | "super" => self.walk(from, parts, steps),
            name => {
                let is_known = self.modules.contains_key(&child(from, name))
                    || self
                        .modules
                        .get(from)?
                        .source
                        .uses
                        .iter()
                        .any(|item| item.name.as_deref() == Some(name));
                is_known.then(|| self.walk(from, parts, steps)).flatten()
            }
        }
    }

    fn walk(&self, module: &str, parts: &[String], steps: usize) -> Option<Found<'_>> {
        let steps = steps.checked_sub(1)?;
        let (module, here) = self.modules.get_key_value(module)?;
        let Some((first, rest)) = parts.split_first() else { return Some(Found::Module) };
        if first == "self" {
            return self.walk(module, rest, steps);
        }
        if first == "super" {
            return self.walk(module.rsplit_once("::").map_or("", |(parent, _)| parent), rest, steps);
        }
        if self.modules.contains_key(&child(module, first)) {
            return self.walk(&child(module, first), rest, steps);
        }
        let passed_on = here.source.uses.iter().find(|item| item.name.as_ref() == Some(first));
        match passed_on {
            // A line `pub(crate) use name;` stands behind a macro of the same name.
            Some(item) if item.path.parts == [first.clone()] => Some(Found::Item(module)),
            Some(item) => {
                let whole: Vec<String> = item.path.parts.iter().chain(rest).cloned().collect();
                self.resolve(module, &whole, steps)
            }
            None => Some(Found::Item(module)),
        }
    }
}

/// The room of a file: its first folder, or the file's own name if it is in none.
pub fn room(file: &str) -> &str {
    file.split('/').next().map_or(file, |first| first.trim_end_matches(".rs"))
}

fn child(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}::{name}") }
}
