//! Reads files that others have written: never more than is sensible, whatever stands behind the name.

use std::fs::File;
use std::io;
use std::io::Read as _;
use std::path::Path;

/// Reads a file of at most so many bytes. Devices and pipes are read, too, but not for ever.
///
/// # Errors
/// If it cannot be read, or is larger.
pub fn read_at_most(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > most {
        return Err(too_large(most));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_large(most)) } else { Ok(bytes) }
}

fn too_large(most: u64) -> io::Error {
    let text =
        if most >= 1024 * 1024 { format!("{} MB", most / 1024 / 1024) } else { format!("{most} bytes") };
    io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_up_to_a_size() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        std::fs::write(&path, b"12345").unwrap();
        assert_eq!(read_at_most(&path, 5).unwrap(), b"12345");
        let error = read_at_most(&path, 4).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (io::ErrorKind::FileTooLarge, "it is larger than 4 bytes")
        );
        assert_eq!(
            read_at_most(&path.with_file_name("none"), 4).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
        // A device has no size, and no end.
        if cfg!(unix) {
            assert!(read_at_most(Path::new("/dev/zero"), 1000).is_err());
        }
    }
}
