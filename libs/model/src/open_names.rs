//! A closed list of names that reads the names of another version too: it keeps them as they are, so that nothing that is
//! passed on or stored loses its text.

/// Defines an enum whose JSON and database text is its name. A name of another version becomes `Other`.
#[macro_export]
macro_rules! open_names {
    ($(#[$doc:meta])* $type:ident { $($(#[$about:meta])* $variant:ident $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, ::serde::Serialize, ::serde::Deserialize,
        )]
        #[serde(from = "String", into = "String")]
        pub enum $type {
            $($(#[$about])* $variant,)+
            /// A name of another version.
            Other(String),
        }

        impl $type {
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Other(name) => name,
                }
            }
        }

        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl From<&str> for $type {
            fn from(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)+
                    _ => Self::Other(name.to_owned()),
                }
            }
        }

        impl From<String> for $type {
            fn from(name: String) -> Self {
                name.as_str().into()
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> Self {
                name.to_string()
            }
        }
    };
}
