export function ExplorePage() { return <div className="page" />; }
