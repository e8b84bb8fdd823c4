//! Files that are either whole or not there.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// A report that could not be written: names the file and what to do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder for the files could not be made or written to.
    #[error("cannot write to the folder {}: {source}; {}", folder.display(), remedy(source))]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {}: {source}; {}", path.display(), remedy(source))]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A chart could not be drawn.
    #[error("cannot draw {}: {detail}; the numbers are in the JSON and CSV output, please report this", path.display())]
    Draw {
        /// The file that was to hold the chart.
        path: PathBuf,
        /// What the drawing library said.
        detail: String,
    },
}

/// What the user can do about it.
fn remedy(error: &std::io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => "choose a folder that you may write to",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space, or choose a folder on another disk",
        ErrorKind::NotFound => "make its folder first, or choose one that exists",
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => {
            "a file has the name of a folder of this path: choose another path"
        }
        ErrorKind::IsADirectory => "this is a folder: add a file name",
        ErrorKind::InvalidFilename => "choose a shorter or simpler file name",
        _ => "choose another place to write to",
    }
}

/// Replaces a file in one step: whoever reads it sees the old bytes or the new ones, never a part.
///
/// # Errors
/// When the folder does not exist or cannot be written to, or the disk is full. The old file is then untouched.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let failed = |source| Error::Write { path: path.to_owned(), source };
    // Renaming is only atomic within a file system, hence the temporary file beside its goal.
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    if path.is_dir() {
        return Err(failed(ErrorKind::IsADirectory.into()));
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(".ridethrough-");
    // A temporary file is private by default; a report gets the permissions of any new file instead.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    file.write_all(bytes).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Makes a folder and those above it, if they are not there, and sees that files can be written to it: better to know
/// before a long simulation than after it.
///
/// # Errors
/// When the folder cannot be made, or nothing can be written to it.
pub fn prepare_folder(folder: &Path) -> Result<(), Error> {
    let failed = |source| Error::Folder { folder: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(failed)?;
    tempfile::Builder::new().prefix(".ridethrough-").tempfile_in(folder).map_err(failed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("result.json");
        write_atomically(&path, b"old").expect("writes");
        write_atomically(&path, b"new").expect("writes again");
        assert_eq!(std::fs::read(&path).expect("reads"), b"new");
        assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 1);
    }

    #[test]
    fn an_error_names_the_file_and_the_remedy() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("absent").join("result.json");
        let text = write_atomically(&path, b"x").expect_err("no such folder").to_string();
        assert!(
            text.contains("absent/result.json") && text.ends_with("make its folder first, or choose one that exists")
        );

        let text = write_atomically(folder.path(), b"x").expect_err("a folder").to_string();
        assert!(text.ends_with("this is a folder: add a file name"), "{text}");

        prepare_folder(&folder.path().join("a/b")).expect("makes both");
        assert_eq!(std::fs::read_dir(folder.path().join("a/b")).expect("lists").count(), 0);

        let file = folder.path().join("file");
        write_atomically(&file, b"x").expect("writes");
        let text = prepare_folder(&file.join("charts")).expect_err("below a file").to_string();
        assert!(text.contains("cannot write to the folder") && text.contains("choose another path"), "{text}");
    }

    #[test]
    fn errors_cross_threads() {
        fn crosses<T: Send + Sync + 'static>() {}
        crosses::<Error>();
    }
}
