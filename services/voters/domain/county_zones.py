"""Which zones a county keeps, for the states that keep more than one. Made from public tables.

The rule is 49 CFR part 71; county by county it was read from `zipcodes` 3.0.0 (MIT) as the zone of
most of a county's ZIPs, and corrected by hand where a county is split (two letters) or, as in
Chambers, Lee and Russell, Alabama, lives by another clock than the rule gives it. A name that is
not here is no evidence. Names are letters only, without "county". What the letters of zones stand
for: `zones.ZONES`.
"""

COUNTY_ZONES: dict[str, dict[str, str]] = {
    "AK": {
        "A": (
            "aleutianseast anchorage bethel bristolbay chugach copperriver denali dillingham "
            "fairbanksnorthstar haines hoonahangoon juneau kenaipeninsula ketchikangateway "
            "kodiakisland kusilvak lakeandpeninsula matanuskasusitna nome northslope "
            "northwestarctic petersburg princeofwaleshyder "
            "princeofwalesouterketchikan sitka skagway southeastfairbanks wrangell yakutat "
            "yukonkoyukuk"
        ),
        "AX": "aleutianswest",
    },
    "AL": {
        "C": (
            "autauga baldwin barbour bibb blount bullock butler calhoun cherokee chilton choctaw "
            "clarke clay cleburne coffee colbert conecuh coosa covington crenshaw cullman dale "
            "dallas dekalb elmore escambia etowah fayette franklin geneva greene hale henry "
            "houston jackson jefferson lamar lauderdale lawrence limestone lowndes macon madison "
            "marengo marion marshall mobile monroe montgomery morgan perry pickens pike randolph "
            "shelby stclair sumter talladega tallapoosa tuscaloosa walker washington wilcox "
            "winston"
        ),
        "CE": "chambers lee russell",
    },
    "AZ": {
        "MP": "apache coconino navajo",
        "P": "cochise gila graham greenlee lapaz maricopa mohave pima pinal santacruz yavapai yuma",
    },
    "FL": {
        "C": "bay calhoun escambia holmes jackson okaloosa santarosa walton washington",
        "CE": "gulf",
        "E": (
            "alachua baker bradford brevard broward charlotte citrus clay collier columbia desoto "
            "dixie duval flagler franklin gadsden gilchrist glades hamilton hardee hendry "
            "hernando highlands hillsborough indianriver jefferson lafayette lake lee leon levy "
            "liberty madison manatee marion martin miamidade monroe nassau okeechobee orange "
            "osceola palmbeach pasco pinellas polk putnam sarasota seminole stjohns stlucie "
            "sumter suwannee taylor union volusia wakulla"
        ),
    },
    "ID": {
        "M": (
            "ada adams bannock bearlake bingham blaine boise bonneville butte camas canyon "
            "caribou cassia clark custer elmore franklin fremont gem gooding jefferson jerome "
            "lemhi lincoln madison minidoka oneida owyhee payette power teton twinfalls valley "
            "washington"
        ),
        "MW": "idaho",
        "W": "benewah bonner boundary clearwater kootenai latah lewis nezperce shoshone",
    },
    "IN": {
        "C": (
            "gibson jasper lake laporte newton perry porter posey spencer starke vanderburgh "
            "warrick"
        ),
        "E": (
            "adams allen bartholomew benton blackford boone brown carroll cass clark clay clinton "
            "crawford daviess dearborn decatur dekalb delaware dubois elkhart fayette floyd "
            "fountain franklin fulton grant greene hamilton hancock harrison hendricks henry "
            "howard huntington jackson jay jefferson jennings johnson knox kosciusko lagrange "
            "lawrence madison marion marshall martin miami monroe montgomery morgan noble ohio "
            "orange owen parke pike pulaski putnam randolph ripley rush scott shelby steuben "
            "stjoseph sullivan switzerland tippecanoe tipton union vermillion vigo wabash warren "
            "washington wayne wells white whitley"
        ),
    },
    "KS": {
        "C": (
            "allen anderson atchison barber barton bourbon brown butler chase chautauqua cherokee "
            "cheyenne clark clay cloud coffey comanche cowley crawford decatur dickinson doniphan "
            "douglas edwards elk ellis ellsworth finney ford franklin geary gove graham grant "
            "gray greenwood harper harvey haskell hodgeman jackson jefferson jewell johnson "
            "kearny kingman kiowa labette lane leavenworth lincoln linn logan lyon marion "
            "marshall mcpherson meade miami mitchell montgomery morris morton nemaha neosho ness "
            "norton osage osborne ottawa pawnee phillips pottawatomie pratt rawlins reno republic "
            "rice riley rooks rush russell saline scott sedgwick seward shawnee sheridan smith "
            "stafford stanton stevens sumner thomas trego wabaunsee washington wichita wilson "
            "woodson wyandotte"
        ),
        "M": "greeley hamilton sherman wallace",
    },
    "KY": {
        "C": (
            "adair allen ballard barren breckinridge butler caldwell calloway carlisle christian "
            "clinton crittenden cumberland daviess edmonson fulton graves grayson green hancock "
            "hart henderson hickman hopkins livingston logan lyon marshall mccracken mclean "
            "metcalfe monroe muhlenberg ohio russell simpson todd trigg union warren webster"
        ),
        "E": (
            "anderson bath bell boone bourbon boyd boyle bracken breathitt bullitt campbell "
            "carroll carter casey clark clay elliott estill fayette fleming floyd franklin "
            "gallatin garrard grant greenup hardin harlan harrison henry jackson jefferson "
            "jessamine johnson kenton knott knox larue laurel lawrence lee leslie letcher lewis "
            "lincoln madison magoffin marion martin mason mccreary meade menifee mercer "
            "montgomery morgan nelson nicholas oldham owen owsley pendleton perry pike powell "
            "pulaski robertson rockcastle rowan scott shelby spencer taylor trimble washington "
            "wayne whitley wolfe woodford"
        ),
    },
    "MI": {
        "C": "dickinson gogebic iron menominee",
        "E": (
            "alcona alger allegan alpena antrim arenac baraga barry bay benzie berrien branch "
            "calhoun cass charlevoix cheboygan chippewa clare clinton crawford delta eaton emmet "
            "genesee gladwin grandtraverse gratiot hillsdale houghton huron ingham ionia iosco "
            "isabella jackson kalamazoo kalkaska kent keweenaw lake lapeer leelanau lenawee "
            "livingston luce mackinac macomb manistee marquette mason mecosta midland missaukee "
            "monroe montcalm montmorency muskegon newaygo oakland oceana ogemaw ontonagon osceola "
            "oscoda otsego ottawa presqueisle roscommon saginaw sanilac schoolcraft shiawassee "
            "stclair stjoseph tuscola vanburen washtenaw wayne wexford"
        ),
    },
    "ND": {
        "C": (
            "barnes benson bottineau burke burleigh cass cavalier dickey divide eddy emmons "
            "foster grandforks griggs kidder lamoure logan mchenry mcintosh mclean "
            "mercer morton mountrail nelson oliver pembina pierce ramsey ransom renville richland "
            "rolette sargent sheridan steele stutsman towner traill walsh ward wells williams"
        ),
        "CM": "dunn mckenzie sioux",
        "M": "adams billings bowman goldenvalley grant hettinger slope stark",
    },
    "NE": {
        "C": (
            "adams antelope blaine boone boyd brown buffalo burt butler cass cedar clay colfax "
            "cuming custer dakota dawson dixon dodge douglas fillmore franklin frontier furnas "
            "gage garfield gosper greeley hall hamilton harlan hayes hitchcock holt howard "
            "jefferson johnson kearney keyapaha knox lancaster lincoln logan loup madison "
            "mcpherson merrick nance nemaha nuckolls otoe pawnee phelps pierce platte polk "
            "redwillow richardson rock saline sarpy saunders seward sherman stanton thayer thomas "
            "thurston valley washington wayne webster wheeler york"
        ),
        "CM": "cherry",
        "M": (
            "arthur banner boxbutte chase cheyenne dawes deuel dundy garden grant hooker keith "
            "kimball morrill perkins scottsbluff sheridan sioux"
        ),
    },
    "NV": {
        "MW": "elko",
        "W": (
            "carsoncity churchill clark douglas esmeralda eureka humboldt lander lincoln lyon "
            "mineral nye pershing storey washoe whitepine"
        ),
    },
    "OR": {
        "MW": "malheur",
        "W": (
            "baker benton clackamas clatsop columbia coos crook curry deschutes douglas gilliam "
            "grant harney hoodriver jackson jefferson josephine klamath lake lane lincoln linn "
            "marion morrow multnomah polk sherman tillamook umatilla union wallowa wasco "
            "washington wheeler yamhill"
        ),
    },
    "SD": {
        "C": (
            "aurora beadle bonhomme brookings brown brule buffalo campbell charlesmix clark clay "
            "codington davison day deuel douglas edmunds faulk grant gregory hamlin hand hanson "
            "hughes hutchinson hyde jerauld jones kingsbury lake lincoln lyman marshall mccook "
            "mcpherson mellette miner minnehaha moody potter roberts sanborn spink sully todd "
            "tripp turner union walworth yankton"
        ),
        "CM": "stanley",
        "M": (
            "bennett butte corson custer dewey fallriver haakon harding jackson lawrence meade "
            "oglalalakota pennington perkins shannon ziebach"
        ),
    },
    "TN": {
        "C": (
            "bedford benton bledsoe cannon carroll cheatham chester clay coffee crockett "
            "cumberland davidson decatur dekalb dickson dyer fayette fentress franklin gibson "
            "giles grundy hardeman hardin haywood henderson henry hickman houston humphreys "
            "jackson lake lauderdale lawrence lewis lincoln macon madison marion marshall maury "
            "mcnairy montgomery moore obion overton perry pickett putnam robertson rutherford "
            "sequatchie shelby smith stewart sumner tipton trousdale vanburen warren wayne "
            "weakley white williamson wilson"
        ),
        "E": (
            "anderson blount bradley campbell carter claiborne cocke grainger greene hamblen "
            "hamilton hancock hawkins jefferson johnson knox loudon mcminn meigs monroe morgan "
            "polk rhea roane scott sevier sullivan unicoi union washington"
        ),
    },
    "TX": {
        "C": (
            "anderson andrews angelina aransas archer armstrong atascosa austin bailey bandera "
            "bastrop baylor bee bell bexar blanco borden bosque bowie brazoria brazos brewster "
            "briscoe brooks brown burleson burnet caldwell calhoun callahan cameron camp carson "
            "cass castro chambers cherokee childress clay cochran coke coleman collin "
            "collingsworth colorado comal comanche concho cooke coryell cottle crane crockett "
            "crosby dallam dallas dawson deafsmith delta denton dewitt dickens dimmit donley "
            "duval eastland ector edwards ellis erath falls fannin fayette fisher floyd foard "
            "fortbend franklin freestone frio gaines galveston garza gillespie glasscock goliad "
            "gonzales gray grayson gregg grimes guadalupe hale hall hamilton hansford hardeman "
            "hardin harris harrison hartley haskell hays hemphill henderson hidalgo hill hockley "
            "hood hopkins houston howard hunt hutchinson irion jack jackson jasper jeffdavis "
            "jefferson jimhogg jimwells johnson jones karnes kaufman kendall kenedy kent kerr "
            "kimble king kinney kleberg knox lamar lamb lampasas lasalle lavaca lee leon liberty "
            "limestone lipscomb liveoak llano loving lubbock lynn madison marion martin mason "
            "matagorda maverick mcculloch mclennan mcmullen medina menard midland milam mills "
            "mitchell montague montgomery moore morris motley nacogdoches navarro newton nolan "
            "nueces ochiltree oldham orange palopinto panola parker parmer pecos polk potter "
            "presidio rains randall reagan real redriver reeves refugio roberts robertson "
            "rockwall runnels rusk sabine sanaugustine sanjacinto sanpatricio sansaba schleicher "
            "scurry shackelford shelby sherman smith somervell starr stephens sterling stonewall "
            "sutton swisher tarrant taylor terrell terry throckmorton titus tomgreen travis "
            "trinity tyler upshur upton uvalde valverde vanzandt victoria walker waller ward "
            "washington webb wharton wheeler wichita wilbarger willacy williamson wilson winkler "
            "wise wood yoakum young zapata zavala"
        ),
        "CM": "culberson hudspeth",
        "M": "elpaso",
    },
}
