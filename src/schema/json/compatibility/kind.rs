macro_rules! kinds {
    ($($name:ident = $verdict:ident $code:literal,)+) => {
        /// What a change of a schema is, by the name that registries give it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ChangeKind {
            $(#[doc = concat!("`", $code, "`")] $name,)+
        }

        impl ChangeKind {
            /// Every kind.
            pub const ALL: &'static [ChangeKind] = &[$(ChangeKind::$name),+];

            /// Its name as registries write it.
            pub fn code(self) -> &'static str {
                match self {
                    $(ChangeKind::$name => $code,)+
                }
            }

            /// Whether readers with the new schema may fail on what the old one let pass.
            pub fn breaks(self) -> bool {
                match self {
                    $(ChangeKind::$name => kinds!(@ $verdict),)+
                }
            }
        }
    };
    (@ breaks) => { true };
    (@ keeps) => { false };
}

kinds! {
    IdChanged = keeps "ID_CHANGED",
    TitleChanged = keeps "TITLE_CHANGED",
    DescriptionChanged = keeps "DESCRIPTION_CHANGED",
    DefaultChanged = keeps "DEFAULT_CHANGED",
    SchemaAdded = breaks "SCHEMA_ADDED",
    SchemaRemoved = keeps "SCHEMA_REMOVED",
    TypeExtended = keeps "TYPE_EXTENDED",
    TypeNarrowed = breaks "TYPE_NARROWED",
    TypeChanged = breaks "TYPE_CHANGED",
    MaxLengthAdded = breaks "MAX_LENGTH_ADDED",
    MaxLengthRemoved = keeps "MAX_LENGTH_REMOVED",
    MaxLengthIncreased = keeps "MAX_LENGTH_INCREASED",
    MaxLengthDecreased = breaks "MAX_LENGTH_DECREASED",
    MinLengthAdded = breaks "MIN_LENGTH_ADDED",
    MinLengthRemoved = keeps "MIN_LENGTH_REMOVED",
    MinLengthIncreased = breaks "MIN_LENGTH_INCREASED",
    MinLengthDecreased = keeps "MIN_LENGTH_DECREASED",
    PatternAdded = breaks "PATTERN_ADDED",
    PatternRemoved = keeps "PATTERN_REMOVED",
    PatternChanged = breaks "PATTERN_CHANGED",
    MaximumAdded = breaks "MAXIMUM_ADDED",
    MaximumRemoved = keeps "MAXIMUM_REMOVED",
    MaximumIncreased = keeps "MAXIMUM_INCREASED",
    MaximumDecreased = breaks "MAXIMUM_DECREASED",
    MinimumAdded = breaks "MINIMUM_ADDED",
    MinimumRemoved = keeps "MINIMUM_REMOVED",
    MinimumIncreased = breaks "MINIMUM_INCREASED",
    MinimumDecreased = keeps "MINIMUM_DECREASED",
    ExclusiveMaximumAdded = breaks "EXCLUSIVE_MAXIMUM_ADDED",
    ExclusiveMaximumRemoved = keeps "EXCLUSIVE_MAXIMUM_REMOVED",
    ExclusiveMaximumIncreased = keeps "EXCLUSIVE_MAXIMUM_INCREASED",
    ExclusiveMaximumDecreased = breaks "EXCLUSIVE_MAXIMUM_DECREASED",
    ExclusiveMinimumAdded = breaks "EXCLUSIVE_MINIMUM_ADDED",
    ExclusiveMinimumRemoved = keeps "EXCLUSIVE_MINIMUM_REMOVED",
    ExclusiveMinimumIncreased = breaks "EXCLUSIVE_MINIMUM_INCREASED",
    ExclusiveMinimumDecreased = keeps "EXCLUSIVE_MINIMUM_DECREASED",
    MultipleOfAdded = breaks "MULTIPLE_OF_ADDED",
    MultipleOfRemoved = keeps "MULTIPLE_OF_REMOVED",
    MultipleOfExpanded = breaks "MULTIPLE_OF_EXPANDED",
    MultipleOfReduced = keeps "MULTIPLE_OF_REDUCED",
    MultipleOfChanged = breaks "MULTIPLE_OF_CHANGED",
    RequiredAttributeAdded = breaks "REQUIRED_ATTRIBUTE_ADDED",
    RequiredAttributeWithDefaultAdded = keeps "REQUIRED_ATTRIBUTE_WITH_DEFAULT_ADDED",
    RequiredAttributeRemoved = keeps "REQUIRED_ATTRIBUTE_REMOVED",
    MaxPropertiesAdded = breaks "MAX_PROPERTIES_ADDED",
    MaxPropertiesRemoved = keeps "MAX_PROPERTIES_REMOVED",
    MaxPropertiesIncreased = keeps "MAX_PROPERTIES_INCREASED",
    MaxPropertiesDecreased = breaks "MAX_PROPERTIES_DECREASED",
    MinPropertiesAdded = breaks "MIN_PROPERTIES_ADDED",
    MinPropertiesRemoved = keeps "MIN_PROPERTIES_REMOVED",
    MinPropertiesIncreased = breaks "MIN_PROPERTIES_INCREASED",
    MinPropertiesDecreased = keeps "MIN_PROPERTIES_DECREASED",
    AdditionalPropertiesAdded = keeps "ADDITIONAL_PROPERTIES_ADDED",
    AdditionalPropertiesRemoved = breaks "ADDITIONAL_PROPERTIES_REMOVED",
    AdditionalPropertiesExtended = keeps "ADDITIONAL_PROPERTIES_EXTENDED",
    AdditionalPropertiesNarrowed = breaks "ADDITIONAL_PROPERTIES_NARROWED",
    UnevaluatedPropertiesAdded = keeps "UNEVALUATED_PROPERTIES_ADDED",
    UnevaluatedPropertiesRemoved = breaks "UNEVALUATED_PROPERTIES_REMOVED",
    UnevaluatedPropertiesExtended = keeps "UNEVALUATED_PROPERTIES_EXTENDED",
    UnevaluatedPropertiesNarrowed = breaks "UNEVALUATED_PROPERTIES_NARROWED",
    DependencyArrayAdded = breaks "DEPENDENCY_ARRAY_ADDED",
    DependencyArrayRemoved = keeps "DEPENDENCY_ARRAY_REMOVED",
    DependencyArrayExtended = breaks "DEPENDENCY_ARRAY_EXTENDED",
    DependencyArrayNarrowed = keeps "DEPENDENCY_ARRAY_NARROWED",
    DependencyArrayChanged = breaks "DEPENDENCY_ARRAY_CHANGED",
    DependencySchemaAdded = breaks "DEPENDENCY_SCHEMA_ADDED",
    DependencySchemaRemoved = keeps "DEPENDENCY_SCHEMA_REMOVED",
    PropertyRemovedFromOpen = keeps "PROPERTY_REMOVED_FROM_OPEN_CONTENT_MODEL",
    PropertyWithFalseRemovedFromClosed = keeps "PROPERTY_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL",
    PropertyRemovedFromClosed = breaks "PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL",
    PropertyRemovedCovered = keeps "PROPERTY_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
    PropertyRemovedNotCovered = breaks "PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
    PropertyWithEmptySchemaAddedToOpen = keeps "PROPERTY_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL",
    RequiredPropertyAddedToOpen = breaks "REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL",
    RequiredPropertyWithDefaultAddedToOpen = breaks "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL",
    OptionalPropertyAddedToOpen = breaks "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL",
    RequiredPropertyAddedToUnopen = breaks "REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL",
    RequiredPropertyWithDefaultAddedToUnopen = keeps "REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_UNOPEN_CONTENT_MODEL",
    OptionalPropertyAddedToUnopen = keeps "OPTIONAL_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL",
    PropertyAddedCovered = keeps "PROPERTY_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
    PropertyAddedNotCovered = breaks "PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
    MaxItemsAdded = breaks "MAX_ITEMS_ADDED",
    MaxItemsRemoved = keeps "MAX_ITEMS_REMOVED",
    MaxItemsIncreased = keeps "MAX_ITEMS_INCREASED",
    MaxItemsDecreased = breaks "MAX_ITEMS_DECREASED",
    MinItemsAdded = breaks "MIN_ITEMS_ADDED",
    MinItemsRemoved = keeps "MIN_ITEMS_REMOVED",
    MinItemsIncreased = breaks "MIN_ITEMS_INCREASED",
    MinItemsDecreased = keeps "MIN_ITEMS_DECREASED",
    UniqueItemsAdded = breaks "UNIQUE_ITEMS_ADDED",
    UniqueItemsRemoved = keeps "UNIQUE_ITEMS_REMOVED",
    AdditionalItemsAdded = keeps "ADDITIONAL_ITEMS_ADDED",
    AdditionalItemsRemoved = breaks "ADDITIONAL_ITEMS_REMOVED",
    AdditionalItemsExtended = keeps "ADDITIONAL_ITEMS_EXTENDED",
    AdditionalItemsNarrowed = breaks "ADDITIONAL_ITEMS_NARROWED",
    UnevaluatedItemsAdded = keeps "UNEVALUATED_ITEMS_ADDED",
    UnevaluatedItemsRemoved = breaks "UNEVALUATED_ITEMS_REMOVED",
    UnevaluatedItemsExtended = keeps "UNEVALUATED_ITEMS_EXTENDED",
    UnevaluatedItemsNarrowed = breaks "UNEVALUATED_ITEMS_NARROWED",
    ItemRemovedFromOpen = keeps "ITEM_REMOVED_FROM_OPEN_CONTENT_MODEL",
    ItemWithFalseRemovedFromClosed = keeps "ITEM_WITH_FALSE_REMOVED_FROM_CLOSED_CONTENT_MODEL",
    ItemRemovedFromClosed = breaks "ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL",
    ItemRemovedCovered = keeps "ITEM_REMOVED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
    ItemRemovedNotCovered = breaks "ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
    ItemWithEmptySchemaAddedToOpen = keeps "ITEM_WITH_EMPTY_SCHEMA_ADDED_TO_OPEN_CONTENT_MODEL",
    ItemAddedToOpen = breaks "ITEM_ADDED_TO_OPEN_CONTENT_MODEL",
    ItemAddedToClosed = keeps "ITEM_ADDED_TO_CLOSED_CONTENT_MODEL",
    ItemAddedCovered = keeps "ITEM_ADDED_IS_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
    ItemAddedNotCovered = breaks "ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL",
    EnumArrayExtended = keeps "ENUM_ARRAY_EXTENDED",
    EnumArrayNarrowed = breaks "ENUM_ARRAY_NARROWED",
    EnumArrayChanged = breaks "ENUM_ARRAY_CHANGED",
    CombinedTypeExtended = keeps "COMBINED_TYPE_EXTENDED",
    CombinedTypeChanged = breaks "COMBINED_TYPE_CHANGED",
    CombinedTypeSubschemasChanged = breaks "COMBINED_TYPE_SUBSCHEMAS_CHANGED",
    ProductTypeExtended = breaks "PRODUCT_TYPE_EXTENDED",
    ProductTypeNarrowed = keeps "PRODUCT_TYPE_NARROWED",
    SumTypeExtended = keeps "SUM_TYPE_EXTENDED",
    SumTypeNarrowed = breaks "SUM_TYPE_NARROWED",
    NotTypeExtended = breaks "NOT_TYPE_EXTENDED",
    NotTypeNarrowed = keeps "NOT_TYPE_NARROWED",
}
