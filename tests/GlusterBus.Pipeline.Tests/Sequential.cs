// These tests start whole programs and whole clusters; side by side they would measure each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
