mod declared;
mod records;
