//! The files for the browser: their hashed names, read once, and the loader that starts the islands of a
//! page.

use std::sync::OnceLock;

use leptos::nonce::use_nonce;
use leptos::prelude::*;

/// The addresses of the files that cargo-leptos built.
struct BuiltFiles {
    script: String,
    wasm: String,
    style: String,
}

static FILES: OnceLock<BuiltFiles> = OnceLock::new();

impl BuiltFiles {
    /// Reads the hashes from `hash.txt` beside the program. Without that file the names carry no hash, as in
    /// tests.
    fn read(options: &LeptosOptions) -> Self {
        let hashes = std::env::current_exe()
            .ok()
            .filter(|_| options.hash_files)
            .and_then(|program| {
                std::fs::read_to_string(program.with_file_name(options.hash_file.as_ref())).ok()
            })
            .unwrap_or_default();
        let address = |kind: &str| {
            let hash =
                hashes.lines().find_map(|line| line.split_once(':').filter(|(name, _)| name.trim() == kind));
            let hash = hash.map(|(_, hash)| format!(".{}", hash.trim())).unwrap_or_default();
            format!("/{}/{}{hash}.{kind}", options.site_pkg_dir, options.output_name)
        };
        Self { script: address("js"), wasm: address("wasm"), style: address("css") }
    }
}

/// Whether the hashed names are known. A server can refuse to start without them.
pub fn are_hashed(options: &LeptosOptions) -> bool {
    let files = FILES.get_or_init(|| BuiltFiles::read(options));
    files.script != format!("/{}/{}.js", options.site_pkg_dir, options.output_name)
}

/// The link to the style sheet.
pub fn stylesheet(options: &LeptosOptions) -> impl IntoView + use<> {
    let files = FILES.get_or_init(|| BuiltFiles::read(options));
    view! { <link rel="stylesheet" href=files.style.as_str()/> }
}

/// Loads the WebAssembly and starts the islands. It is put only on pages with an island, so that no other
/// page has to load it.
#[component]
pub fn Assets() -> impl IntoView {
    FILES.get().map(|BuiltFiles { script, wasm, .. }| {
        let loader = format!(
            "import i,*as m from\"{script}\";await i({{module_or_path:\"{wasm}\"}});m.hydrate();\
             for(const e of document.querySelectorAll(\"leptos-island\"))m[e.dataset.component](e)"
        );
        view! {
            <link rel="modulepreload" href=script.as_str()/>
            <link
                rel="preload"
                href=wasm.as_str()
                r#as="fetch"
                r#type="application/wasm"
                crossorigin="anonymous"
            />
            <script type="module" nonce=use_nonce()>{loader}</script>
        }
    })
}
