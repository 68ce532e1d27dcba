//! Files that the superuser makes for a service that is somebody else.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::{MetadataExt as _, fchown},
    path::Path,
};

const SUPERUSER: u32 = 0;

/// Gives a file that the superuser makes to whom its folder belongs: a service that runs as that
/// person could not read it. Errors: those of the system.
pub fn give_to_owner_of(folder: &Path, file: &File) -> io::Result<()> {
    let (folder, is) = (fs::metadata(folder)?, file.metadata()?);
    if is.uid() == SUPERUSER && folder.uid() != SUPERUSER {
        fchown(file, Some(folder.uid()), Some(folder.gid()))?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_file_belongs_to_whom_its_folder_does() {
        let folder = tempfile::tempdir().unwrap();
        // Only the superuser can give a folder away; what others make is theirs, as the folder is.
        let _ = std::os::unix::fs::chown(folder.path(), Some(65_534), Some(65_534));
        let file = tempfile::NamedTempFile::new_in(folder.path()).unwrap();
        give_to_owner_of(folder.path(), file.as_file()).unwrap();
        let (folder, file) = (folder.path().metadata().unwrap(), file.path().metadata().unwrap());
        assert_eq!((file.uid(), file.gid()), (folder.uid(), folder.gid()));
    }
}
