//! The one description of every table of a scenario: keys, kinds, defaults and their meaning.
//!
//! [`table!`](crate::scenario::registry::table) defines a table once. The decoder, the key tables of
//! `scenarios/README.md`, the JSON Schema and the paths that `--set` accepts all come from that definition.

use super::decoder::Decoder;
use super::tree::Node;
use serde_json::Value as Json;

/// A kind of value: how it is read, named and described.
pub trait Kind: Sized {
    /// With its article, for "... is expected here".
    const NAME: &'static str;
    /// A value in TOML, for help texts.
    const EXAMPLE: &'static str;
    /// What is below it.
    const SHAPE: Shape = Shape::Value;

    /// Reads a value. None means that a problem was reported.
    fn read(node: &Node, decoder: &mut Decoder) -> Option<Self>;

    /// Stands in for a value that could not be read, so that reading can go on.
    fn placeholder() -> Self;

    /// Its JSON Schema.
    fn schema() -> Json;
}

/// What a key holds.
#[derive(Clone, Copy)]
pub enum Shape {
    /// A value without keys of the registry.
    Value,
    /// One table.
    Table(&'static TableShape),
    /// Tables by name: `[tier.NAME]`.
    Named(&'static TableShape),
    /// A list of tables: `[[dns.cohort]]`.
    List(&'static TableShape),
}

/// A table.
pub struct TableShape {
    /// Its header, e.g. `tier.NAME.load_balancer`; empty for the file itself.
    pub header: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Its keys, in the order of the reference.
    pub keys: &'static [KeyShape],
}

/// A key of a table.
pub struct KeyShape {
    /// The key.
    pub key: &'static str,
    /// What it means.
    pub about: &'static str,
    /// What it holds.
    pub shape: Shape,
    /// Kind of its value, with article.
    pub kind: &'static str,
    /// A value in TOML.
    pub example: &'static str,
    /// What holds when it is absent.
    pub absence: Absence,
    /// JSON Schema of its value.
    pub schema: fn() -> Json,
}

/// What an absent key means.
#[derive(Clone, Copy)]
pub enum Absence {
    /// An error.
    Required,
    /// Nothing; the documentation says what that means.
    Optional,
    /// This value, in TOML, as a rule of the format.
    Default(&'static str),
    /// The value of this catalog key.
    Catalog(&'static str),
    /// This value, in TOML, which is a guess for the given reason and is reported as such.
    Assumed(&'static str, &'static str),
}

impl TableShape {
    /// The description of a key.
    pub fn key(&self, key: &str) -> Option<&'static KeyShape> {
        self.keys.iter().find(|shape| shape.key == key)
    }

    /// All keys.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|shape| shape.key)
    }
}

/// A table with a known description.
pub trait Table: Sized {
    /// Its description.
    const TABLE: TableShape;

    /// Reads it, reporting every problem; what could not be read has a placeholder.
    fn decode(node: &Node, decoder: &mut Decoder) -> Self;
}

/// Defines a table: a struct whose fields are the keys, each with a mode.
///
/// `required key: Kind;` must be there. `optional key: Kind;` may be absent. `default key: Kind = value;` is the TOML
/// value when absent. `catalog key: Kind = "catalog key";` is the catalog's value when absent. `assumed key: Kind =
/// value, "why";` is a guess that every report lists. `named key: Table;` holds tables by name, `list key: Table;` a list
/// of tables, and `table key: Table;` one that is read as empty when absent.
macro_rules! table {
    (
        $(#[doc = $about:literal])+
        $name:ident in $header:literal {
            $( $(#[doc = $doc:literal])+ $mode:ident $key:ident : $kind:ty $(= $default:tt $(, $why:literal)?)? ; )*
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone)]
        pub struct $name {
            /// The table's header.
            #[allow(dead_code)] // Not every table is pointed at.
            pub place: $crate::scenario::problem::Place,
            $( $(#[doc = $doc])+ pub $key: $crate::scenario::registry::field!($mode $kind), )*
        }

        impl $crate::scenario::registry::Table for $name {
            const TABLE: $crate::scenario::registry::TableShape = $crate::scenario::registry::TableShape {
                header: $header,
                about: concat!($($about),+),
                keys: &[ $( $crate::scenario::registry::KeyShape {
                    key: stringify!($key),
                    about: concat!($($doc),+),
                    shape: $crate::scenario::registry::shape!($mode $kind),
                    kind: <$kind as $crate::scenario::registry::Kind>::NAME,
                    example: <$kind as $crate::scenario::registry::Kind>::EXAMPLE,
                    absence: $crate::scenario::registry::absence!($mode $($default $(, $why)?)?),
                    schema: <$kind as $crate::scenario::registry::Kind>::schema,
                } ),* ],
            };

            fn decode(
                node: &$crate::scenario::tree::Node,
                decoder: &mut $crate::scenario::decoder::Decoder,
            ) -> Self {
                let table = decoder.open(node, &Self::TABLE);
                Self {
                    place: decoder.place(node.span),
                    $( $key: decoder.$mode(
                        &table,
                        stringify!($key),
                        $crate::scenario::registry::absence!($mode $($default $(, $why)?)?),
                    ), )*
                }
            }
        }

        impl $crate::scenario::registry::Kind for $name {
            const NAME: &'static str = "a table";
            const EXAMPLE: &'static str = "{ ... }";
            const SHAPE: $crate::scenario::registry::Shape =
                $crate::scenario::registry::Shape::Table(&<$name as $crate::scenario::registry::Table>::TABLE);

            fn read(
                node: &$crate::scenario::tree::Node,
                decoder: &mut $crate::scenario::decoder::Decoder,
            ) -> Option<Self> {
                Some(<$name as $crate::scenario::registry::Table>::decode(node, decoder))
            }

            fn placeholder() -> Self {
                let mut nowhere = $crate::scenario::decoder::Decoder::nowhere();
                <$name as $crate::scenario::registry::Table>::decode(
                    &$crate::scenario::tree::Node::empty_table(Default::default()),
                    &mut nowhere,
                )
            }

            fn schema() -> ::serde_json::Value {
                $crate::scenario::schema::table(&<$name as $crate::scenario::registry::Table>::TABLE)
            }
        }
    };
}

/// The type of a field by its mode.
macro_rules! field {
    (optional $kind:ty) => { Option<$crate::scenario::decoder::Given<$kind>> };
    (named $kind:ty) => { Vec<$crate::scenario::decoder::Named<$kind>> };
    (list $kind:ty) => { Vec<$kind> };
    (table $kind:ty) => { $kind };
    ($mode:ident $kind:ty) => { $crate::scenario::decoder::Given<$kind> };
}

/// What a field holds, by its mode.
macro_rules! shape {
    (named $kind:ty) => {
        $crate::scenario::registry::Shape::Named(&<$kind as $crate::scenario::registry::Table>::TABLE)
    };
    (list $kind:ty) => {
        $crate::scenario::registry::Shape::List(&<$kind as $crate::scenario::registry::Table>::TABLE)
    };
    ($mode:ident $kind:ty) => {
        <$kind as $crate::scenario::registry::Kind>::SHAPE
    };
}

/// What the absence of a field means, by its mode.
macro_rules! absence {
    (required) => {
        $crate::scenario::registry::Absence::Required
    };
    (default $value:tt) => {
        $crate::scenario::registry::Absence::Default(stringify!($value))
    };
    (catalog $value:literal) => {
        $crate::scenario::registry::Absence::Catalog($value)
    };
    (assumed $value:tt, $why:literal) => {
        $crate::scenario::registry::Absence::Assumed(stringify!($value), $why)
    };
    ($mode:ident) => {
        $crate::scenario::registry::Absence::Optional
    };
}

pub(crate) use {absence, field, shape, table};
