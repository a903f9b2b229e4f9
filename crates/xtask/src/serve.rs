//! A static file server for the page, on this machine only. It compresses as a host would, so that what is seen and
//! timed here is what a visitor gets.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

const DEFAULT_PORT: u16 = 8080;

/// Serves `folder` until the process ends.
pub(crate) fn serve(folder: &Path, port: Option<u16>, open: bool) -> Result<()> {
    ensure!(
        folder.join("index.html").is_file(),
        "{} holds no page: run `cargo xtask build` first",
        folder.display()
    );
    let listener = listen(port)?;
    let address = listener.local_addr()?;
    println!("\nhttp://{address}/   (Ctrl-C ends)");
    if open {
        open_browser(&address);
    }
    answer_all(listener, folder).with_context(|| format!("serving {}", folder.display()))
}

/// The port asked for and no other; without a wish, 8080 or the next one that is free.
fn listen(port: Option<u16>) -> Result<TcpListener> {
    let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    match port {
        Some(port) => bind(port).with_context(|| format!("port {port} of 127.0.0.1")),
        None => match (DEFAULT_PORT..DEFAULT_PORT + 100).find_map(|port| bind(port).ok()) {
            Some(listener) => Ok(listener),
            None => bail!("no free port from {DEFAULT_PORT} on: choose one with --port"),
        },
    }
}

fn answer_all(listener: TcpListener, folder: &Path) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        axum::serve(tokio::net::TcpListener::from_std(listener)?, files(folder)).await
    })
}

/// Brotli or gzip for browsers that take it, except for what hosts do not compress: pictures, and files of no known type
/// such as weights. A reload asks again for every file, and is told of those that have not changed. Pages of other origins and
/// sandboxed frames may load them, as from most hosts of public files.
fn files(folder: &Path) -> Router {
    let compressible =
        DefaultPredicate::new().and(NotForContentType::const_new("application/octet-stream"));
    Router::new()
        .fallback_service(ServeDir::new(folder))
        .layer(CompressionLayer::new().compress_when(compressible))
        .layer(says(header::CACHE_CONTROL, "no-cache"))
        .layer(says(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
}

fn says(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}

fn open_browser(address: &SocketAddr) {
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    if let Err(error) = Command::new(program)
        .arg(format!("http://{address}/"))
        .spawn()
    {
        eprintln!("cannot start a browser ({program}: {error})");
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::{fs, thread};

    use super::*;

    /// A folder with a page like ours; the file beside it is nobody's business.
    fn page(name: &str) -> std::path::PathBuf {
        let beside =
            std::env::temp_dir().join(format!("zf-lens-serve-{name}-{}", std::process::id()));
        let folder = beside.join("dist");
        fs::create_dir_all(folder.join("pkg")).expect("a folder");
        for (name, text) in [
            ("secret.txt", "secret"),
            ("dist/index.html", "<!doctype html><title>page</title>"),
            ("dist/main.js", &"export const lens = 1;\n".repeat(200)),
            ("dist/pkg/engine.wasm", &"\0asm".repeat(500)),
            ("dist/weights.safetensors", &"weights ".repeat(500)),
        ] {
            fs::write(beside.join(name), text).expect("a file");
        }
        folder
    }

    /// What is answered to a request with these further headers: head, and body as it came.
    fn ask(address: SocketAddr, request: &str, headers: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(address).expect("a connection");
        write!(
            stream,
            "{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"
        )
        .expect("a request");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let end = answer
            .windows(4)
            .position(|bytes| bytes == b"\r\n\r\n")
            .expect("the end of the head");
        let body = answer.split_off(end + 4);
        (String::from_utf8_lossy(&answer).to_lowercase(), body)
    }

    /// Serves a folder until the tests end.
    fn served(folder: &Path) -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let folder = folder.to_path_buf();
        thread::spawn(move || answer_all(listener, &folder));
        address
    }

    #[test]
    fn answers_as_a_host_would_and_with_nothing_outside() {
        let folder = page("host");
        let address = served(&folder);
        // More connections that are kept and say nothing, or half of a request, than a browser opens.
        let _kept: Vec<TcpStream> = (0..16)
            .map(|at| {
                let mut stream = TcpStream::connect(address).expect("a connection");
                let half = "GET /main.js HTTP/1.1\r\n".repeat(at % 2);
                stream
                    .write_all(half.as_bytes())
                    .expect("half of a request");
                stream
            })
            .collect();
        let script = fs::read(folder.join("main.js")).expect("the script");

        let (head, body) = ask(address, "GET /main.js?version=1", "");
        assert!(head.starts_with("http/1.1 200"), "{head}");
        assert!(
            head.contains(&format!("content-length: {}\r\n", script.len())),
            "{head}"
        );
        assert!(head.contains("content-type: text/javascript"), "{head}");
        assert!(head.contains("cache-control: no-cache\r\n"), "{head}");
        assert!(
            head.contains("access-control-allow-origin: *\r\n"),
            "{head}"
        );
        assert_eq!(body, script);

        let (head, body) = ask(address, "HEAD /main.js", "");
        assert!(
            head.starts_with("http/1.1 200") && body.is_empty(),
            "{head}"
        );
        let (head, body) = ask(address, "GET /", "");
        assert!(head.contains("content-type: text/html"), "{head}");
        assert!(body.starts_with(b"<!doctype html>"));

        for coding in ["br", "gzip"] {
            let accept = format!("Accept-Encoding: {coding}\r\n");
            for (file, media_type) in [
                ("main.js", "text/javascript"),
                ("pkg/engine.wasm", "application/wasm"),
            ] {
                let (head, body) = ask(address, &format!("GET /{file}"), &accept);
                assert!(
                    head.contains(&format!("content-type: {media_type}")),
                    "{head}"
                );
                assert!(
                    head.contains(&format!("content-encoding: {coding}\r\n")),
                    "{head}"
                );
                let whole = fs::metadata(folder.join(file)).expect("the file").len();
                assert!(
                    (body.len() as u64) < whole / 4,
                    "{file}: {} of {whole} bytes",
                    body.len()
                );
            }
            let (head, body) = ask(address, "GET /weights.safetensors", &accept);
            assert!(!head.contains("content-encoding"), "{head}");
            assert_eq!(body.len(), 4000);
        }

        for url in [
            "/none.js",
            "/../secret.txt",
            "/pkg/../../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "//secret.txt",
            "/pkg\\..\\..\\secret.txt",
            "/%zz",
        ] {
            let (head, body) = ask(address, &format!("GET {url}"), "");
            assert!(head.starts_with("http/1.1 40"), "{url}: {head}");
            assert!(!body.starts_with(b"secret"), "{url}");
        }
        assert!(
            ask(address, "DELETE /main.js", "")
                .0
                .starts_with("http/1.1 405")
        );
        fs::remove_dir_all(folder.with_file_name("")).expect("the folder is ours");
    }

    #[test]
    fn files_are_of_the_same_types_as_in_the_browser_tests() {
        let folder = page("types");
        let types = crate::workspace::repository().join("tests/browser/types.json");
        let types = fs::read(types).expect("the types");
        let types: std::collections::BTreeMap<String, String> =
            serde_json::from_slice(&types).expect("types by endings");
        let address = served(&folder);
        for (ending, media_type) in types {
            fs::write(folder.join(format!("file{ending}")), "bytes").expect("a file");
            let (head, _) = ask(address, &format!("GET /file{ending}"), "");
            assert!(
                head.contains(&format!("content-type: {media_type}\r\n")),
                "{ending}: expected {media_type}, found {head}"
            );
        }
        fs::remove_dir_all(folder.with_file_name("")).expect("the folder is ours");
    }
}
