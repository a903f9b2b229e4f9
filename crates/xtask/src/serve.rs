//! A static file server for the page, on this machine only.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Component, Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;

use anyhow::{Context, Result, anyhow, bail, ensure};
use tiny_http::{Header, Method, Request, Response, Server};

const DEFAULT_PORT: u16 = 8080;
/// A page opens about six connections; some may wait for a large file.
const WORKERS: usize = 8;

/// Serves `folder` until the process ends.
pub(crate) fn serve(folder: &Path, port: Option<u16>, open: bool) -> Result<()> {
    ensure!(
        folder.join("index.html").is_file(),
        "{} holds no page: run `cargo xtask build` first",
        folder.display()
    );
    let listener = listen(port)?;
    let address = listener.local_addr()?;
    let server = start(listener)?;
    println!("\nhttp://{address}/   (Ctrl-C ends)");
    if open {
        open_browser(&address);
    }
    let workers: Vec<_> = (0..WORKERS)
        .map(|_| {
            let (server, folder) = (Arc::clone(&server), folder.to_path_buf());
            thread::spawn(move || answer_all(&server, &folder))
        })
        .collect();
    for worker in workers {
        worker
            .join()
            .map_err(|_| anyhow!("a worker of the server ended by a panic"))?;
    }
    Ok(())
}

fn start(listener: TcpListener) -> Result<Arc<Server>> {
    Server::from_listener(listener, None)
        .map(Arc::new)
        .map_err(|error| anyhow!("starting the server: {error}"))
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

fn answer_all(server: &Server, folder: &Path) {
    while let Ok(request) = server.recv() {
        let (method, url) = (request.method().clone(), request.url().to_owned());
        if let Err(error) = answer(request, folder) {
            // A visitor who leaves while a file is on its way is not a fault.
            if error.kind() != std::io::ErrorKind::BrokenPipe
                && error.kind() != std::io::ErrorKind::ConnectionReset
            {
                eprintln!("{method} {url}: {error}");
            }
        }
    }
}

fn answer(request: Request, folder: &Path) -> std::io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return request.respond(Response::from_string("only GET and HEAD\n").with_status_code(405));
    }
    let found =
        file_for(folder, request.url()).and_then(|path| Some((File::open(&path).ok()?, path)));
    match found {
        Some((file, path)) => {
            let response = Response::from_file(file)
                .with_header(header("Content-Type", media_type(&path)))
                .with_header(header("Cache-Control", "no-cache"))
                // With its length, so that the browser can tell a download that broke off.
                .with_chunked_threshold(usize::MAX);
            request.respond(response)
        }
        None => request.respond(Response::from_string("no such file\n").with_status_code(404)),
    }
}

/// The file that a URL means; `None` when there is none, or when the URL tries to leave the folder.
fn file_for(folder: &Path, url: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?;
    let path = percent_decoded(path.strip_prefix('/')?)?;
    let relative = Path::new(&path);
    let inside = relative
        .components()
        .all(|component| matches!(component, Component::Normal(_)));
    if !inside || path.contains(['\\', '\0']) {
        return None;
    }
    let mut file = folder.join(relative);
    if file.is_dir() {
        file = file.join("index.html");
    }
    file.is_file().then_some(file)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
        decoded.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(decoded).ok()
}

fn media_type(path: &Path) -> &'static str {
    match path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default()
    {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "gif" => "image/gif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn header(name: &'static str, value: &'static str) -> Header {
    Header::from_bytes(name, value).expect("a header of plain ASCII")
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

    use super::*;

    fn repository() -> PathBuf {
        crate::workspace::repository()
    }

    #[test]
    fn finds_files_and_nothing_outside() {
        let folder = repository().join("crates");
        let found = |url| file_for(&folder, url);
        assert_eq!(
            found("/xtask/Cargo.toml?version=1#top"),
            Some(folder.join("xtask/Cargo.toml"))
        );
        assert_eq!(
            found("/xtask/src%2Fmain.rs"),
            Some(folder.join("xtask/src/main.rs"))
        );
        for url in [
            "/../Cargo.toml",
            "/xtask/../../Cargo.toml",
            "/%2e%2e/Cargo.toml",
            "/..%2fCargo.toml",
            "//etc/passwd",
            "/xtask\\..\\..\\Cargo.toml",
            "/xtask",
            "/%zz",
            "/%2",
            "",
            "xtask/Cargo.toml",
            "/none",
        ] {
            assert_eq!(found(url), None, "{url}");
        }
    }

    #[test]
    fn answers_get_and_head_with_type_and_length() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let server = start(listener).expect("a server");
        let folder = repository().join("crates/xtask");
        thread::spawn(move || answer_all(&server, &folder));
        let ask = |request: &str| {
            let mut stream = TcpStream::connect(address).expect("a connection");
            write!(
                stream,
                "{request} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
            .expect("a request");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("an answer");
            answer
        };
        let main = include_str!("main.rs");

        let got = ask("GET /src/main.rs");
        assert!(got.starts_with("HTTP/1.1 200"), "{got}");
        assert!(
            got.contains(&format!("Content-Length: {}\r\n", main.len())),
            "{got}"
        );
        assert!(got.contains("Cache-Control: no-cache\r\n"), "{got}");
        assert!(got.ends_with(main));

        let head = ask("HEAD /src/main.rs");
        assert!(
            head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"),
            "{head}"
        );
        assert!(
            head.contains(&format!("Content-Length: {}\r\n", main.len())),
            "{head}"
        );

        assert!(ask("GET /src/none.rs").starts_with("HTTP/1.1 404"));
        assert!(ask("GET /../Cargo.toml").starts_with("HTTP/1.1 404"));
        assert!(ask("DELETE /src/main.rs").starts_with("HTTP/1.1 405"));
    }

    #[test]
    fn browsers_insist_on_these_types() {
        assert_eq!(
            media_type(Path::new("a/zfnet_web_bg.wasm")),
            "application/wasm"
        );
        assert_eq!(
            media_type(Path::new("worker.js")),
            "text/javascript; charset=utf-8"
        );
        assert_eq!(
            media_type(Path::new("zfnet.safetensors")),
            "application/octet-stream"
        );
    }
}
