namespace GlusterBus.Notifiers.DBus.Model;

/// <summary>The objects by path, and what is below each path. No input or output of its own; used under the lock of its owner.</summary>
internal sealed class ObjectDirectory
{
    private readonly Dictionary<string, BusObject> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<string>> _children = new(StringComparer.Ordinal);

    public ICollection<BusObject> All => _objects.Values;

    public BusObject? Find(string path) => _objects.GetValueOrDefault(path);

    /// <summary>The names of the paths right below one; null where there is neither an object nor a way to one.</summary>
    public IReadOnlyCollection<string>? Below(string path) =>
        _children.TryGetValue(path, out SortedSet<string>? names) ? names
        : _objects.ContainsKey(path) || path == BusPath.Root ? []
        : null;

    /// <summary>Adds an object, or puts it in the place of the one at its path.</summary>
    public void Set(BusObject added)
    {
        bool isNew = !_objects.ContainsKey(added.Path);
        _objects[added.Path] = added;
        for (string path = added.Path; isNew && path != BusPath.Root; path = Parent(path))
        {
            if (_children.TryGetValue(Parent(path), out SortedSet<string>? names))
            {
                names.Add(Name(path));
                return;
            }

            _children[Parent(path)] = new SortedSet<string>(StringComparer.Ordinal) { Name(path) };
        }
    }

    /// <summary>Removes an object, and the paths that led to it alone.</summary>
    public void Remove(string path)
    {
        if (!_objects.Remove(path))
        {
            return;
        }

        while (path != BusPath.Root && !_objects.ContainsKey(path) && !_children.ContainsKey(path))
        {
            SortedSet<string> names = _children[Parent(path)];
            names.Remove(Name(path));
            path = Parent(path);
            if (names.Count > 0)
            {
                return;
            }

            _children.Remove(path);
        }
    }

    private static string Parent(string path) => path[..path.LastIndexOf('/')];

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];
}
